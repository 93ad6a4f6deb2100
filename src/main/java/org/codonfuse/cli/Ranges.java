package org.codonfuse.cli;

import org.codonfuse.UsageException;

/** Checks of numeric options. */
final class Ranges {
  private static final int LARGEST_SIZE = 65_536;

  private Ranges() {}

  static void atLeast(String option, int value, int least) {
    if (value < least) {
      throw new UsageException(option + " " + value + " is too small; use " + least + " or more.");
    }
  }

  /** Sizes of layers: beyond the limit nothing would fit into memory. */
  static void size(String option, int value) {
    atLeast(option, value, 1);
    if (value > LARGEST_SIZE) {
      throw new UsageException(
          option + " " + value + " is too large; use " + LARGEST_SIZE + " or less.");
    }
  }

  static void within(String option, int value, int low, int high) {
    if (value < low || value > high) {
      throw outOfRange(option, value, low, high);
    }
  }

  static void within(String option, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw outOfRange(option, value, low, high);
    }
  }

  private static UsageException outOfRange(String option, Object value, Object low, Object high) {
    return new UsageException(
        "%s %s is out of range; use a number from %s to %s.".formatted(option, value, low, high));
  }
}
