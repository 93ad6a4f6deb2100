package org.codonfuse.report.chart;

final class Lengths {
  private Lengths() {}

  static void same(int expected, int actual) {
    if (expected != actual) {
      throw new IllegalArgumentException(actual + " values for " + expected);
    }
  }

  static void sameOrNone(int expected, int actual) {
    if (actual != 0) {
      same(expected, actual);
    }
  }
}
