package org.codonfuse.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.LineChart;
import org.codonfuse.report.chart.LineChart.Line;
import org.codonfuse.training.Epoch;

/** How the models learned. */
final class TrainingSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    Map<String, List<ReportRun>> byMetric = new LinkedHashMap<>();
    data.runs().stream()
        .filter(run -> !run.history().isEmpty())
        .forEach(
            run ->
                byMetric
                    .computeIfAbsent(run.outputs().headline(), _ -> new ArrayList<>())
                    .add(run));
    List<Block> blocks = new ArrayList<>();
    byMetric.forEach((metric, runs) -> blocks.add(new Block.Plot(comparison(metric, runs))));
    return blocks.isEmpty()
        ? Optional.empty()
        : Optional.of(new Chapter("training", "Training", blocks));
  }

  private static LineChart comparison(String metric, List<ReportRun> runs) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      ReportRun run = runs.get(i);
      lines.add(
          Line.of(
              run.name(),
              i,
              !run.isFused(),
              values(run, Epoch::number),
              values(run, Epoch::validationMetric)));
    }
    String name = metric.substring(0, 1).toUpperCase(Locale.ROOT) + metric.substring(1);
    return new LineChart(
        new Caption(
            Caption.id("validation", metric),
            name + " on validation by epoch",
            "Models with several inputs are drawn in full, those with one in dashes."),
        Axis.of("epoch"),
        Axis.of("validation " + metric),
        lines);
  }

  private static double[] values(ReportRun run, ToDoubleFunction<Epoch> value) {
    return run.history().stream().mapToDouble(value).toArray();
  }
}
