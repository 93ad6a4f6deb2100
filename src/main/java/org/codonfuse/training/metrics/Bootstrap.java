package org.codonfuse.training.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.hipparchus.stat.descriptive.rank.Percentile;

/**
 * Percentile bootstrap (Efron 1979): the spread of statistics over rows drawn with replacement. All
 * statistics see the same draws.
 */
public final class Bootstrap {
  /** Resamples that reports are made with. */
  public static final int RESAMPLES = 1000;

  private static final double LOW = 2.5;
  private static final double HIGH = 97.5;

  private Bootstrap() {}

  /** Some figures of a sample. */
  @FunctionalInterface
  public interface Statistics {
    /**
     * The figures of a sample, NaN where one is undefined.
     *
     * @param rows indices of the sampled rows, repetitions included; not kept
     * @return always as many figures, in the same order
     */
    double[] of(int[] rows);
  }

  /**
   * 95 % intervals of statistics.
   *
   * @param rows how many rows there are, and are drawn each time; at least 1
   * @param resamples how many times, at least 1
   * @param seed the same seed gives the same intervals
   * @return one per figure; empty where a figure was undefined in every resample, while single
   *     undefined ones are left out
   */
  public static List<Optional<Interval>> intervals(
      int rows, int resamples, long seed, Statistics statistics) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] sample = new int[rows];
    double[][] figures = new double[resamples][];
    for (int i = 0; i < resamples; i++) {
      for (int row = 0; row < rows; row++) {
        sample[row] = random.nextInt(rows);
      }
      figures[i] = statistics.of(sample);
    }
    List<Optional<Interval>> intervals = new ArrayList<>();
    for (int k = 0; k < figures[0].length; k++) {
      int column = k;
      intervals.add(interval(Arrays.stream(figures).mapToDouble(row -> row[column]).toArray()));
    }
    return intervals;
  }

  static Optional<Interval> interval(double[] figures) {
    double[] defined = Arrays.stream(figures).filter(figure -> !Double.isNaN(figure)).toArray();
    if (defined.length == 0) {
      return Optional.empty();
    }
    Percentile percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
    percentile.setData(defined);
    return Optional.of(new Interval(percentile.evaluate(LOW), percentile.evaluate(HIGH)));
  }
}
