package org.codonfuse.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.training.metrics.MetricReport;
import org.junit.jupiter.api.Test;

class RocCurveTest {
  @Test
  void passesThroughTheCountsOfEveryThreshold() {
    RocCurve curve =
        RocCurve.of(new double[] {0.9, 0.8, 0.7, 0.6}, List.of(true, false, true, false))
            .orElseThrow();
    assertArrayEquals(new double[] {0, 0, 0.5, 0.5, 1}, curve.x());
    assertArrayEquals(new double[] {0, 0.5, 0.5, 1, 1}, curve.y());
    assertEquals(0.75, curve.area());
  }

  @Test
  void tiesAreOneStepAndCountHalf() {
    RocCurve curve =
        RocCurve.of(new double[] {0.5, 0.5, 0.5}, List.of(true, false, true)).orElseThrow();
    assertArrayEquals(new double[] {0, 1}, curve.x());
    assertEquals(0.5, curve.area());
  }

  @Test
  void needsBothKinds() {
    assertTrue(RocCurve.of(new double[] {1, 2}, List.of(true, true)).isEmpty());
    assertTrue(RocCurve.of(new double[] {1, 2}, List.of(false, false)).isEmpty());
    assertTrue(RocCurve.of(new double[0], List.of()).isEmpty());
  }

  @Test
  void scoresThatAreNoNumbersEndToo() {
    double[] scores = {Double.NaN, 0.5, Double.NaN};
    assertEquals(0.5, RocCurve.of(scores, List.of(true, true, false)).orElseThrow().area(), 0.51);
  }

  /** Probabilities of one decimal, so that there are ties. */
  @Test
  void meanAreaIsTheMetric() {
    SplittableRandom random = new SplittableRandom(3);
    int rows = 200;
    int[] target = random.ints(rows, 0, 3).toArray();
    double[][] probabilities = new double[rows][];
    for (int row = 0; row < rows; row++) {
      double[] tenths = new double[3];
      for (int i = 0; i < 10; i++) {
        tenths[random.nextInt(3) == 0 ? target[row] : random.nextInt(3)]++;
      }
      probabilities[row] = Arrays.stream(tenths).map(count -> count / 10).toArray();
    }
    double mean =
        IntStream.range(0, 3)
            .mapToDouble(
                c ->
                    RocCurve.of(
                            Arrays.stream(probabilities).mapToDouble(p -> p[c]).toArray(),
                            Arrays.stream(target).mapToObj(t -> t == c).toList())
                        .orElseThrow()
                        .area())
            .average()
            .orElseThrow();
    assertEquals(
        MetricReport.probabilities(target, probabilities, 1).value("auroc_ovr_macro"), mean, 1e-12);
  }
}
