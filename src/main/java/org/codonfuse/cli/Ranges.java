package org.codonfuse.cli;

import org.codonfuse.UsageException;

/** Checks of numeric options. */
final class Ranges {
  private Ranges() {}

  static void atLeast(String option, int value, int least) {
    if (value < least) {
      throw new UsageException(option + " " + value + " is too small; use " + least + " or more.");
    }
  }

  static void within(String option, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new UsageException(
          option
              + " "
              + value
              + " is out of range; use a number from "
              + low
              + " to "
              + high
              + ".");
    }
  }
}
