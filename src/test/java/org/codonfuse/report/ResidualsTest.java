package org.codonfuse.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ScatterChart;
import org.codonfuse.sequence.Split;
import org.junit.jupiter.api.Test;

class ResidualsTest {
  /** Errors 1, 2, …, n of validation; of test 1, 2, …, m, with the other sign. */
  private static Residuals residuals(int validation, int test, double... others) {
    int n = validation + test;
    double[] measured = new double[n + others.length];
    double[] predicted = new double[n + others.length];
    Arrays.setAll(predicted, i -> i < validation ? i + 1 : validation - i - 1);
    System.arraycopy(others, 0, predicted, n, others.length);
    List<Split> splits =
        Stream.of(Split.VALIDATION, Split.TEST)
            .flatMap(
                split ->
                    IntStream.range(0, split == Split.TEST ? test + others.length : validation)
                        .mapToObj(_ -> split))
            .toList();
    return Residuals.of(ReportRuns.of("Run", splits, measured, predicted), 0);
  }

  /** The (n + 1) · 0.9th smallest of n, rounded up, which is there from nine on. */
  @Test
  void theBandIsTheQuantileOfSplitConformalPrediction() {
    assertEquals(Double.NaN, residuals(0, 5).reach());
    assertEquals(Double.NaN, residuals(8, 5).reach());
    assertEquals(9, residuals(9, 5).reach());
    assertEquals(9, residuals(10 - 1, 0).reach());
    assertEquals(18, residuals(19, 5).reach());
    assertEquals(91, residuals(100, 5).reach());
  }

  @Test
  void theShareOfTheTestThatItHoldsIsSaid() {
    ScatterChart chart = (ScatterChart) residuals(19, 24).charts(1).getFirst();
    assertTrue(
        chart.caption().description().contains("± 18.000 ")
            && chart.caption().description().contains("75.0 % of those of test"),
        chart.caption().description());
    assertEquals(18, chart.guide().orElseThrow().high());
    assertEquals(-18, chart.guide().orElseThrow().low());
  }

  @Test
  void predictionsThatAreNoNumbersAreLeftOut() {
    Residuals residuals = residuals(19, 4, Double.NaN, Double.POSITIVE_INFINITY);
    List<Chart> charts = residuals.charts(1);
    charts.forEach(chart -> assertEquals(23, ((ScatterChart) chart).size()));
    assertTrue(charts.getFirst().caption().description().contains("100.0 % of those of test"));
  }

  @Test
  void withoutTestRowsThereIsNothingToHold() {
    String text = residuals(19, 0).charts(1).getFirst().caption().description();
    assertTrue(text.endsWith("(split conformal prediction)."), text);
  }

  @Test
  void oneRowHasNoBandAndNoneHasNoChart() {
    ScatterChart one = (ScatterChart) residuals(0, 1).charts(1).getFirst();
    assertTrue(one.caption().description().contains("too few validation sequences"));
    assertEquals(1, one.size());
    assertEquals(List.of(), residuals(0, 0, Double.NaN).charts(1));
  }
}
