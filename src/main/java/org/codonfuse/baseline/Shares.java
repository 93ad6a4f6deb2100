package org.codonfuse.baseline;

/** Counts to shares. */
final class Shares {
  private Shares() {}

  /** Divides a range by its sum; where nothing was counted, it stays 0. */
  static void divide(double[] counts, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += counts[i];
    }
    for (int i = from; i < to && sum > 0; i++) {
      counts[i] /= sum;
    }
  }
}
