package org.codonfuse.cli;

import java.util.Optional;

/** What is known about the terminal behind standard error. */
final class Terminal {
  /** Returns to the start of the line and empties it. */
  static final String CLEAR_LINE = "\r\u001b[K";

  /** Set by the launcher: Java can only tell about standard input and output. */
  private static final String COLUMNS = "codonfuse.terminal.columns";

  private Terminal() {}

  /** The width of the terminal; empty if standard error is none. */
  static Optional<Integer> columns() {
    return Optional.ofNullable(Integer.getInteger(COLUMNS)).filter(columns -> columns > 0);
  }
}
