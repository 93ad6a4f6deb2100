package org.codonfuse.training.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;

class MetricReportTest {
  private static double[] noise(int n, long seed) {
    return new Random(seed).doubles(n, -1, 1).toArray();
  }

  private static double[] plus(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
  }

  @Test
  void rendersAsTheLayoutOfResults() throws JsonProcessingException {
    double[] target = noise(50, 1);
    MetricReport report = MetricReport.regression(target, target, 1);

    String json = new ObjectMapper().writeValueAsString(report.toMap());

    assertEquals(
        "{\"spearman\":1.0,\"spearman_interval\":[1.0,1.0],\"pearson\":1.0,"
            + "\"pearson_interval\":[1.0,1.0],\"kendall\":1.0,\"mse\":0.0,"
            + "\"mse_interval\":[0.0,0.0],\"mae\":0.0,\"mae_interval\":[0.0,0.0],"
            + "\"r2\":1.0,\"r2_interval\":[1.0,1.0],\"n\":50}",
        json);
  }

  @Test
  void undefinedFiguresAreNaNAndNull() throws JsonProcessingException {
    MetricReport report =
        MetricReport.regression(new double[] {0.1, 0.1, 0.1}, new double[] {1, 2, 3}, 1);

    assertTrue(Double.isNaN(report.value("spearman")));
    assertTrue(Double.isNaN(report.value("pearson")));
    assertTrue(Double.isNaN(report.value("kendall")));
    assertTrue(Double.isNaN(report.value("r2")));
    assertEquals(12.83 / 3, report.value("mse"), 1e-12);
    String json = new ObjectMapper().writeValueAsString(report.toMap());
    assertTrue(json.startsWith("{\"spearman\":null,\"spearman_interval\":null,"), json);
  }

  @Test
  void constantPredictionsLeaveR2Defined() {
    MetricReport report =
        MetricReport.regression(new double[] {1, 2, 3}, new double[] {2, 2, 2}, 1);

    assertTrue(Double.isNaN(report.value("spearman")));
    assertEquals(0, report.value("r2"));
  }

  @Test
  void aSingleRowHasErrorsButNoCorrelation() {
    MetricReport report = MetricReport.regression(new double[] {1}, new double[] {3}, 1);

    assertTrue(Double.isNaN(report.value("pearson")));
    assertEquals(4, report.value("mse"));
    assertEquals(2, report.value("mae"));
  }

  @Test
  void severalTargetsAreMeasuredWhereTheyAreKnown() throws JsonProcessingException {
    double nan = Double.NaN;
    double[][] targets = {{1, 10}, {2, nan}, {3, 30}, {nan, 20}, {4, 50}};
    double[][] predictions = {{1, 12}, {3, -5}, {2, 25}, {99, 30}, {4, 40}};

    MetricReport report = MetricReport.regression(targets, predictions, List.of("a", "b"), 1);

    MetricReport first =
        MetricReport.regression(new double[] {1, 2, 3, 4}, new double[] {1, 3, 2, 4}, 1);
    MetricReport second =
        MetricReport.regression(new double[] {10, 30, 20, 50}, new double[] {12, 25, 30, 40}, 1);
    assertEquals(first, report.targets().get("a"));
    assertEquals(second, report.targets().get("b"));
    for (String name : List.of("spearman", "pearson", "kendall", "r2")) {
      assertEquals((first.value(name) + second.value(name)) / 2, report.value(name), 1e-12);
    }
    assertEquals(
        List.of("spearman", "pearson", "kendall", "r2"), List.copyOf(report.metrics().keySet()));
    Interval interval = report.metrics().get("spearman").interval().orElseThrow();
    assertTrue(interval.low() <= report.value("spearman"), interval::toString);
    assertTrue(interval.high() >= report.value("spearman"), interval::toString);
    assertEquals(report.value("spearman"), MetricReport.meanSpearman(targets, predictions), 1e-12);
    String json = new ObjectMapper().writeValueAsString(report.toMap());
    assertTrue(json.contains("\"n\":5,\"targets\":{\"a\":{\"spearman\":0.8,"), json);
  }

  @Test
  void aTargetThatIsNeverKnownIsUndefinedAndLeavesTheMeanToTheOthers() {
    double[][] targets = {{1, Double.NaN}, {2, Double.NaN}, {3, Double.NaN}};
    double[][] predictions = {{1, 0}, {2, 0}, {3, 0}};

    MetricReport report = MetricReport.regression(targets, predictions, List.of("a", "b"), 1);

    assertEquals(0, report.targets().get("b").n());
    assertTrue(Double.isNaN(report.targets().get("b").value("mse")));
    assertEquals(1, report.value("spearman"), 1e-12);
    assertEquals(3, report.n());
  }

  @Test
  void negativeZeroTiesWithZero() {
    double[] target = {1, 2, 3, 4};
    MetricReport signed = MetricReport.regression(target, new double[] {0.0, -0.0, 0.0, 1}, 1);
    MetricReport plain = MetricReport.regression(target, new double[] {0, 0, 0, 1}, 1);

    assertEquals(plain, signed);
  }

  @Test
  void uncorrelatedDataHaveACorrelationOfZeroToTheLastDigit() {
    double[] target = {-1, 0, 1};
    double[] prediction = {0.1, 0.7, 0.1};

    assertEquals(0, MetricReport.regression(target, prediction, 1).value("pearson"), 1e-15);
  }

  @Test
  void spearmanAloneIsThatOfTheReport() {
    double[] target = noise(40, 1);
    double[] prediction = plus(target, noise(40, 2));

    assertEquals(
        MetricReport.regression(target, prediction, 7).value("spearman"),
        RegressionMetrics.spearman(target, prediction));
    assertTrue(Double.isNaN(RegressionMetrics.spearman(target, new double[40])));
    assertThrows(
        IllegalArgumentException.class, () -> RegressionMetrics.spearman(target, new double[39]));
  }

  @Test
  void theSeedDecidesTheIntervals() {
    double[] target = noise(40, 1);
    double[] prediction = plus(target, noise(40, 2));

    assertEquals(
        MetricReport.regression(target, prediction, 7),
        MetricReport.regression(target, prediction, 7));
    assertNotEquals(
        MetricReport.regression(target, prediction, 7),
        MetricReport.regression(target, prediction, 8));
  }

  @Test
  void classIntervalsEncloseTheValues() {
    int n = 300;
    int[] target = new Random(3).ints(n, 0, 3).toArray();
    Random random = new Random(4);
    double[][] logits = new double[n][3];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 3; c++) {
        logits[i][c] = random.nextGaussian() + (c == target[i] ? 1 : 0);
      }
    }

    MetricReport report = MetricReport.classification(target, logits, 1);

    assertEquals(
        List.of("accuracy", "balanced_accuracy", "macro_f1", "mcc", "auroc_ovr_macro"),
        List.copyOf(report.metrics().keySet()));
    report
        .metrics()
        .forEach(
            (name, metric) -> {
              Interval interval = metric.interval().orElseThrow();
              assertTrue(interval.low() < metric.value(), name);
              assertTrue(metric.value() < interval.high(), name);
            });
  }

  @Test
  void oneClassLeavesOnlyTheAurocUndefined() {
    MetricReport report =
        MetricReport.classification(new int[] {1, 1}, new double[][] {{0, 1}, {1, 0}}, 1);

    assertEquals(0.5, report.value("accuracy"));
    assertEquals(0.5, report.value("balanced_accuracy"));
    assertEquals(1.0 / 3, report.value("macro_f1"), 1e-15);
    assertEquals(0, report.value("mcc"));
    assertTrue(Double.isNaN(report.value("auroc_ovr_macro")));
  }

  @Test
  void anAbsentClassIsLeftOutOfTheAuroc() {
    double[][] probabilities = {{0.7, 0.2, 0.1}, {0.2, 0.7, 0.1}, {0.6, 0.3, 0.1}};

    MetricReport report = MetricReport.probabilities(new int[] {0, 1, 0}, probabilities, 1);

    assertEquals(1, report.value("auroc_ovr_macro"));
  }

  @Test
  void equalScoresCountHalf() {
    double[][] probabilities = {{0.5, 0.5}, {0.5, 0.5}, {0.5, 0.5}};

    MetricReport report = MetricReport.probabilities(new int[] {0, 1, 0}, probabilities, 1);

    assertEquals(0.5, report.value("auroc_ovr_macro"));
    assertEquals(2.0 / 3, report.value("accuracy"), 1e-15);
  }

  @Test
  void softmaxOfAnyLogitsIsADistribution() {
    assertArrayEquals(
        new double[] {0.25, 0.75},
        ClassificationMetrics.softmax(new double[] {0, Math.log(3)}),
        1e-15);
    assertArrayEquals(new double[] {1, 0}, ClassificationMetrics.softmax(new double[] {1e4, -1e4}));
  }

  @Test
  void labelsAloneHaveNoAuroc() {
    MetricReport report = MetricReport.labels(new int[] {0, 1, 2}, new int[] {0, 2, 2}, 3, 1);

    assertEquals(
        List.of("accuracy", "balanced_accuracy", "macro_f1", "mcc"),
        List.copyOf(report.metrics().keySet()));
    assertThrows(IllegalArgumentException.class, () -> report.value("auroc_ovr_macro"));
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    String message =
        assertThrows(
                CodonfuseException.class,
                () -> MetricReport.regression(new double[] {1, 2}, new double[] {1, Double.NaN}, 1))
            .getMessage();

    assertTrue(message.startsWith("The prediction of row 2 is NaN"), message);
    assertThrows(
        IllegalArgumentException.class,
        () -> MetricReport.regression(new double[2], new double[3], 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> MetricReport.regression(new double[0], new double[0], 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> MetricReport.classification(new int[] {2}, new double[1][2], 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> MetricReport.classification(new int[2], new double[][] {{1, 2}, {1}}, 1));
  }
}
