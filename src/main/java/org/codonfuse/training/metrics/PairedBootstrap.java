package org.codonfuse.training.metrics;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Whether one set of predictions is better than another on the same rows: the paired bootstrap
 * (Efron and Tibshirani 1993), which draws rows with replacement and takes the difference of the
 * figures of both on every draw.
 */
public final class PairedBootstrap {
  /** Resamples that comparisons are made with. */
  public static final int RESAMPLES = 10_000;

  private PairedBootstrap() {}

  /**
   * What is known of a difference.
   *
   * @param value on all rows
   * @param interval its 95 % interval; empty if it is undefined in every resample
   * @param p two-sided: twice the share of resamples in which the difference is not of the sign
   *     that most of them have, at least 2 / (resamples + 1)
   */
  public record Difference(double value, Optional<Interval> interval, double p) {}

  /**
   * Compares two figures.
   *
   * @param better whose advantage is asked for
   * @param other of the same rows in the same order
   * @param seed the same seed gives the same answer
   */
  public static Difference compare(Figure better, Figure other, int resamples, long seed) {
    int rows = better.rows();
    Checks.sameRows(rows, other.rows());
    SplittableRandom random = new SplittableRandom(seed);
    int[] sample = new int[rows];
    double[] differences = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      for (int row = 0; row < rows; row++) {
        sample[row] = random.nextInt(rows);
      }
      differences[i] = better.of(sample) - other.of(sample);
    }
    double[] defined = Arrays.stream(differences).filter(d -> !Double.isNaN(d)).toArray();
    long above = Arrays.stream(defined).filter(d -> d >= 0).count();
    long below = Arrays.stream(defined).filter(d -> d <= 0).count();
    double p =
        defined.length == 0
            ? Double.NaN
            : Math.min(1, 2.0 * (Math.min(above, below) + 1) / (defined.length + 1));
    return new Difference(better.ofAll() - other.ofAll(), Bootstrap.interval(differences), p);
  }

  /**
   * Values of p for several comparisons at once (Holm 1979), in the same order; undefined ones stay
   * undefined and do not count.
   */
  public static double[] holm(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b])); // NaN last
    int remaining = (int) Arrays.stream(values).filter(p -> !Double.isNaN(p)).count();
    double[] adjusted = values.clone();
    double largest = 0;
    for (int index : order) {
      if (!Double.isNaN(values[index])) {
        largest = Math.max(largest, Math.min(1, remaining * values[index]));
        adjusted[index] = largest;
        remaining--;
      }
    }
    return adjusted;
  }
}
