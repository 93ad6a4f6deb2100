package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.HeatmapChart;
import org.codonfuse.report.chart.LineChart;
import org.codonfuse.report.chart.LineChart.Line;
import org.codonfuse.report.chart.Palette;
import org.codonfuse.sequence.Split;

/** How classes are confused, and how well each is told from the others. */
final class ClassCharts {
  private ClassCharts() {}

  /**
   * The charts of a run.
   *
   * @param place of the run in the report, for the ids
   */
  static List<Block> of(ReportRun run, int place) {
    Split split = run.measured();
    double[] truth = run.predictions().targets().getFirst();
    List<double[]> scores = run.predictions().values();
    int[] rows =
        Arrays.stream(run.predictions().rows(split))
            .filter(row -> scores.stream().allMatch(of -> Double.isFinite(of[row])))
            .toArray();
    if (rows.length == 0) {
      return List.of();
    }
    String id = Caption.id("run", Integer.toString(place));
    List<Chart> charts = new ArrayList<>();
    charts.add(confusion(run, id, truth, scores, rows));
    List<Line> curves = new ArrayList<>();
    for (int c = 0; c < scores.size(); c++) {
      int positive = c;
      RocCurve.of(
              Arrays.stream(rows).mapToDouble(row -> scores.get(positive)[row]).toArray(),
              Arrays.stream(rows).mapToObj(row -> truth[row] == positive).toList())
          .ifPresent(
              curve ->
                  curves.add(
                      Line.of(
                          "%s (%s)"
                              .formatted(
                                  run.outputs().classes().get(positive),
                                  Numbers.three(curve.area())),
                          positive,
                          false,
                          curve.x(),
                          curve.y())));
    }
    if (!curves.isEmpty()) {
      curves.add(
          Line.of("chance", Palette.NEUTRAL, true, new double[] {0, 1}, new double[] {0, 1}));
      charts.add(
          new LineChart(
              new Caption(
                  id + "-roc",
                  "Receiver operating characteristic, " + run.name(),
                  "Each class against the rest, %s split, with the area under the curve."
                      .formatted(split.label())),
              Axis.of("false positive rate", 0, 1),
              Axis.of("true positive rate", 0, 1),
              curves));
    }
    return List.of(new Block.Plots(charts));
  }

  private static HeatmapChart confusion(
      ReportRun run, String id, double[] truth, List<double[]> scores, int[] rows) {
    List<String> classes = run.outputs().classes();
    int[][] counts = new int[classes.size()][classes.size()];
    for (int row : rows) {
      counts[(int) truth[row]][likeliest(scores, row)]++;
    }
    double[][] shares =
        Arrays.stream(counts)
            .map(
                row -> {
                  int all = Arrays.stream(row).sum();
                  return Arrays.stream(row)
                      .mapToDouble(count -> all == 0 ? Double.NaN : (double) count / all)
                      .toArray();
                })
            .toArray(double[][]::new);
    return new HeatmapChart(
        new Caption(
            id + "-confusion",
            "Confusion matrix, " + run.name(),
            "Sequences of the %s split by true class (rows) and predicted class (columns); colours are shares of a row."
                .formatted(run.measured().label())),
        "predicted",
        "true",
        classes,
        classes,
        List.of(),
        shares,
        new ColourScale("share of the true class", ColourScale.Kind.SEQUENTIAL, 0, 1),
        Arrays.stream(counts)
            .map(row -> Arrays.stream(row).mapToObj(Numbers::count).toList())
            .toList());
  }

  private static int likeliest(List<double[]> scores, int row) {
    return IntStream.range(0, scores.size())
        .reduce((a, b) -> scores.get(b)[row] > scores.get(a)[row] ? b : a)
        .orElseThrow();
  }
}
