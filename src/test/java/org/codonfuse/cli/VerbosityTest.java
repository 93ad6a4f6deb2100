package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VerbosityTest {
  @Test
  void optionsAreFoundBeforeTheCommandLineIsParsed() {
    assertEquals(Verbosity.NORMAL, Verbosity.of("train", "--data", "a.csv"));
    assertEquals(Verbosity.QUIET, Verbosity.of("train", "-q"));
    assertEquals(Verbosity.VERBOSE, Verbosity.of("train", "--verbose", "--wrong"));
  }

  @Test
  void whatFollowsTwoDashesIsNoOption() {
    assertEquals(Verbosity.NORMAL, Verbosity.of("metrics", "--", "-v"));
  }
}
