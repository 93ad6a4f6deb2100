package org.codonfuse.cli;

import java.util.Arrays;

/** How much is said on standard error. */
enum Verbosity {
  /** Warnings and failures. */
  QUIET("warn"),
  /** Also what is being done, and progress. */
  NORMAL("info"),
  /** Also debugging messages, and the stack trace of a failure. */
  VERBOSE("debug");

  private final String logLevel;

  Verbosity(String logLevel) {
    this.logLevel = logLevel;
  }

  /**
   * The verbosity of a command line that is not parsed yet: loggers fix their level when they are
   * created, and a command line that cannot be parsed wants its stack trace too.
   */
  static Verbosity of(String... args) {
    return Arrays.stream(args)
        .takeWhile(arg -> !arg.equals("--"))
        .map(
            arg ->
                switch (arg) {
                  case "-v", "--verbose" -> VERBOSE;
                  case "-q", "--quiet" -> QUIET;
                  default -> NORMAL;
                })
        .filter(verbosity -> verbosity != NORMAL)
        .findFirst()
        .orElse(NORMAL);
  }

  /** Sets the level of loggers that are created from now on; the user's own setting prevails. */
  void configureLogging() {
    String property = "org.slf4j.simpleLogger.log.org.codonfuse";
    if (System.getProperty(property) == null) {
      System.setProperty(property, logLevel);
    }
  }
}
