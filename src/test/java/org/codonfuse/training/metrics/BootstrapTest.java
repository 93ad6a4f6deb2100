package org.codonfuse.training.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.hipparchus.stat.correlation.SpearmansCorrelation;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  @Test
  void intervalOfAMeanIsThatOfItsStandardError() {
    int n = 2000;
    double[] values = new Random(1).doubles(n).toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    double standardError = Math.sqrt(1 / 12.0 / n);

    Interval interval =
        Bootstrap.intervals(
                n,
                Bootstrap.RESAMPLES,
                1,
                rows -> new double[] {Arrays.stream(rows).mapToDouble(r -> values[r]).sum() / n})
            .getFirst()
            .orElseThrow();

    assertEquals(mean - 1.96 * standardError, interval.low(), 0.3 * standardError);
    assertEquals(mean + 1.96 * standardError, interval.high(), 0.3 * standardError);
  }

  @Test
  void undefinedFiguresAreLeftOut() {
    List<Optional<Interval>> intervals =
        Bootstrap.intervals(
            2, 100, 1, rows -> new double[] {Double.NaN, rows[0] == 0 ? Double.NaN : 5});

    assertEquals(List.of(Optional.empty(), Optional.of(new Interval(5, 5))), intervals);
  }

  @Test
  void ranksOfASampleAreThoseOfItsSortedValues() {
    Random random = new Random(5);
    for (int trial = 0; trial < 50; trial++) {
      int n = 2 + random.nextInt(60);
      double[] x = random.ints(n, 0, 10).asDoubleStream().toArray();
      double[] y = random.doubles(n).toArray();
      int[] rows = random.ints(n, 0, n).toArray();
      double[] sampledX = Arrays.stream(rows).mapToDouble(row -> x[row]).toArray();
      double[] sampledY = Arrays.stream(rows).mapToDouble(row -> y[row]).toArray();

      double actual = new RegressionSample(x, y).resampled(rows)[0];

      double expected = new SpearmansCorrelation().correlation(sampledX, sampledY);
      assertTrue(
          Double.isNaN(expected) ? Double.isNaN(actual) : Math.abs(expected - actual) < 1e-7,
          actual + " for " + expected);
    }
  }
}
