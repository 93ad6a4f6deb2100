package org.codonfuse.cluster;

import org.codonfuse.CodonfuseException;

/** This process cannot go on because another one ended. */
public final class RankException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  private final boolean usage;

  RankException(String message, boolean usage, Throwable cause) {
    super(message, cause);
    this.usage = usage;
  }

  /** Whether the other one's command line is wrong. */
  public boolean isUsage() {
    return usage;
  }
}
