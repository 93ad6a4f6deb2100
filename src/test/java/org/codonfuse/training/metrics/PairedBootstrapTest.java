package org.codonfuse.training.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.training.metrics.PairedBootstrap.Difference;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  private static final int ROWS = 200;

  private static double[] noisy(double[] target, double noise, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, target.length)
        .mapToDouble(i -> target[i] + noise * random.nextGaussian())
        .toArray();
  }

  private static double[] target() {
    return noisy(new double[ROWS], 1, 1);
  }

  @Test
  void aClearAdvantageIsSignificant() {
    Figure good = Figure.spearman(target(), noisy(target(), 0.2, 2));
    Figure bad = Figure.spearman(target(), noisy(target(), 1, 3));

    Difference difference = PairedBootstrap.compare(good, bad, 999, 4);

    assertEquals(good.ofAll() - bad.ofAll(), difference.value());
    Interval interval = difference.interval().orElseThrow();
    assertTrue(interval.low() > 0 && interval.low() < difference.value());
    assertTrue(interval.high() > difference.value());
    assertEquals(2.0 / 1000, difference.p(), 1e-12);
    assertEquals(-difference.value(), PairedBootstrap.compare(bad, good, 999, 4).value());
  }

  @Test
  void predictionsDoNotDifferFromThemselves() {
    Figure figure = Figure.spearman(target(), noisy(target(), 1, 3));

    Difference difference = PairedBootstrap.compare(figure, figure, 99, 4);

    assertEquals(new Difference(0, difference.interval(), 1), difference);
  }

  /** Under the null hypothesis about as many comparisons as the level says are significant. */
  @Test
  void equallyGoodPredictionsAreRarelySignificant() {
    int significant = 0;
    for (int trial = 0; trial < 100; trial++) {
      Figure a = Figure.spearman(target(), noisy(target(), 1, 100 + trial));
      Figure b = Figure.spearman(target(), noisy(target(), 1, 1000 + trial));
      significant += PairedBootstrap.compare(a, b, 200, trial).p() < 0.05 ? 1 : 0;
    }

    assertTrue(significant <= 12, significant + " of 100");
  }

  @Test
  void undefinedFiguresHaveNoP() {
    Figure constant = Figure.spearman(target(), new double[ROWS]);

    Difference difference = PairedBootstrap.compare(constant, constant, 10, 1);

    assertTrue(Double.isNaN(difference.p()));
    assertTrue(difference.interval().isEmpty());
  }

  @Test
  void accuracyCountsHits() {
    Figure accuracy = Figure.accuracy(new int[] {0, 1, 2, 2}, new int[] {0, 1, 1, 2});

    assertEquals(0.75, accuracy.ofAll());
    assertEquals(0.5, accuracy.of(new int[] {2, 3, 3, 2}));
  }

  @Test
  void figuresOfSomeRowsAreAveraged() {
    Figure first = Figure.accuracy(new int[] {0, 1, 0}, new int[] {0, 1, 1});
    Figure second =
        Figure.ofKnown(Figure.accuracy(new int[] {1}, new int[] {1}), new int[] {-1, -1, 0});

    Figure mean = Figure.mean(List.of(first, second));

    assertEquals((2.0 / 3 + 1) / 2, mean.ofAll(), 1e-12);
    assertEquals(1, mean.of(new int[] {0, 1}));
    assertEquals(0.5, mean.of(new int[] {2, 2}));
  }

  /** R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"). */
  @Test
  void holmAdjustsAsRDoes() {
    assertArrayEquals(
        new double[] {0.03, 0.06, 0.06, 0.02},
        PairedBootstrap.holm(new double[] {0.01, 0.04, 0.03, 0.005}),
        1e-12);
    assertArrayEquals(
        new double[] {0.9, Double.NaN, 0.4},
        PairedBootstrap.holm(new double[] {0.9, Double.NaN, 0.2}),
        1e-12);
  }
}
