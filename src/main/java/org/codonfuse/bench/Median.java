package org.codonfuse.bench;

import java.util.List;

/** The middle of measurements, which a disturbance of some of them does not move. */
final class Median {
  private Median() {}

  /**
   * The middle value, the mean of the middle two where there are as many above as below.
   *
   * @param values at least one
   */
  static double of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
