package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ScatterChart;
import org.codonfuse.report.chart.ScatterChart.Guide;
import org.codonfuse.report.chart.ScatterChart.Points;
import org.codonfuse.sequence.Split;

/**
 * How far the predictions of a number are from what was measured.
 *
 * @param run whose they are
 * @param name of the target
 * @param measured by row
 * @param predicted by row
 * @param reach half the width of the interval of split conformal prediction (Lei et al. 2018):
 *     within it are {@value #PERCENT} % of the residuals of validation
 */
record Residuals(ReportRun run, String name, double[] measured, double[] predicted, double reach) {
  private static final int PERCENT = 90;

  static Residuals of(ReportRun run, int target) {
    double[] measured = run.predictions().targets().get(target);
    double[] predicted = run.predictions().values().get(target);
    Residuals residuals =
        new Residuals(
            run, run.outputs().targets().get(target).name(), measured, predicted, Double.NaN);
    double[] sizes =
        residuals
            .known(Split.VALIDATION)
            .mapToDouble(row -> Math.abs(predicted[row] - measured[row]))
            .sorted()
            .toArray();
    int rank = Math.ceilDiv((sizes.length + 1) * PERCENT, 100);
    return new Residuals(
        run,
        residuals.name,
        measured,
        predicted,
        rank <= sizes.length ? sizes[rank - 1] : Double.NaN);
  }

  /** The rows of a split that both numbers are known of. */
  private IntStream known(Split split) {
    return Arrays.stream(run.predictions().rows(split))
        .filter(row -> Double.isFinite(measured[row]) && Double.isFinite(predicted[row]));
  }

  /**
   * Predicted against measured, and the difference against predicted.
   *
   * @param place of the run in the report, for the ids
   */
  List<Chart> charts(int place) {
    List<Split> splits =
        Stream.of(Split.VALIDATION, Split.TEST)
            .filter(split -> known(split).findAny().isPresent())
            .toList();
    if (splits.isEmpty()) {
      return List.of();
    }
    String id = Caption.id("run", Integer.toString(place), name);
    boolean several = run.outputs().targets().size() > 1;
    String of = several ? name + " of " + run.name() : run.name();
    List<Points> against = new ArrayList<>();
    List<Points> left = new ArrayList<>();
    for (Split split : splits) {
      int[] rows = known(split).toArray();
      List<String> ids = Arrays.stream(rows).mapToObj(run.predictions().ids()::get).toList();
      int colour = SplitColours.of(split);
      double[] x = Arrays.stream(rows).mapToDouble(row -> measured[row]).toArray();
      double[] y = Arrays.stream(rows).mapToDouble(row -> predicted[row]).toArray();
      against.add(Points.of(split.label(), colour, x, y, ids));
      double[] difference = new double[rows.length];
      Arrays.setAll(difference, i -> y[i] - x[i]);
      left.add(Points.of(split.label(), colour, y, difference, ids));
    }
    return List.of(
        new ScatterChart(
            new Caption(id + "-predicted", "Predicted against measured, " + of, description()),
            Axis.of("measured " + name),
            Axis.of("predicted " + name),
            against,
            Optional.of(guide(1)),
            Optional.empty()),
        new ScatterChart(
            new Caption(
                id + "-residuals",
                "Residuals, " + of,
                "Predicted minus measured against predicted. A slope or a funnel means errors"
                    + " that the model could still learn, or noise that depends on the value."),
            Axis.of("predicted " + name),
            Axis.of("predicted − measured"),
            left,
            Optional.of(guide(0)),
            Optional.empty()));
  }

  private Guide guide(double slope) {
    return Double.isNaN(reach)
        ? Guide.line(slope)
        : new Guide("90 % interval", slope, -reach, reach);
  }

  private String description() {
    if (Double.isNaN(reach)) {
      return "Each point is a sequence, the line is where both are equal. There are too few"
          + " validation sequences for an interval.";
    }
    String text =
        "Each point is a sequence, the line is where both are equal. The band of ± %s holds 90 %% of the residuals of validation (split conformal prediction)"
            .formatted(Numbers.three(reach));
    int[] test = known(Split.TEST).toArray();
    if (test.length == 0) {
      return text + ".";
    }
    long covered =
        Arrays.stream(test)
            .filter(row -> Math.abs(predicted[row] - measured[row]) <= reach)
            .count();
    return text
        + " and %s %% of those of test.".formatted(Numbers.one(100.0 * covered / test.length));
  }
}
