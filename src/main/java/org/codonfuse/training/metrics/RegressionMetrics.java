package org.codonfuse.training.metrics;

import org.codonfuse.CodonfuseException;
import org.hipparchus.stat.correlation.KendallsCorrelation;

/**
 * How well numbers are predicted. A correlation is NaN where the targets or the predictions are all
 * equal, R² where the targets are.
 *
 * @param spearman rank correlation, ties having their average rank
 * @param pearson linear correlation
 * @param kendall tau-b
 * @param mse mean squared error, in squared units of the target
 * @param mae mean absolute error, in units of the target
 * @param r2 coefficient of determination, 1 − squared error / squared deviation from the mean
 *     target
 */
public record RegressionMetrics(
    double spearman, double pearson, double kendall, double mse, double mae, double r2) {
  /**
   * Measures predictions.
   *
   * @param target true values, at least one
   * @param prediction one per target
   * @throws CodonfuseException if a value is not finite
   * @throws IllegalArgumentException if the lengths differ or are zero
   */
  public static RegressionMetrics of(double[] target, double[] prediction) {
    return new RegressionSample(target, prediction).metrics();
  }

  /**
   * Spearman's correlation alone, where the other figures would be computed for nothing.
   *
   * @param target true values, at least one
   * @param prediction one per target
   * @return NaN where the targets or the predictions are all equal
   * @throws CodonfuseException if a value is not finite
   * @throws IllegalArgumentException if the lengths differ or are zero
   */
  public static double spearman(double[] target, double[] prediction) {
    return new RegressionSample(target, prediction).spearman(Checks.allRows(target.length));
  }

  /** Kendall's tau-b; n log n, and therefore not part of what is bootstrapped. */
  static double kendall(double[] target, double[] prediction) {
    return new KendallsCorrelation().correlation(target, prediction);
  }
}
