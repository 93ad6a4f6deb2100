package org.codonfuse.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.sequence.Task;

/** What was predicted for whom. */
final class PredictionSection implements Section {
  /** Targets of one run; more are in its files. */
  private static final int MOST_TARGETS = 4;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> blocks = new ArrayList<>();
    Shown shown = Shown.of(data);
    shown.note().ifPresent(note -> blocks.add(new Block.Paragraph(note)));
    for (ReportRun run : shown.runs()) {
      int place = data.runs().indexOf(run) + 1;
      List<Block> parts =
          run.outputs().task() == Task.REGRESSION
              ? numbers(run, place)
              : ClassCharts.of(run, place);
      if (!parts.isEmpty() && data.runs().size() > 1) {
        blocks.add(new Block.Subheading(run.name()));
      }
      blocks.addAll(parts);
    }
    return blocks.isEmpty()
        ? Optional.empty()
        : Optional.of(new Chapter("predictions", "Predictions", blocks));
  }

  private static List<Block> numbers(ReportRun run, int place) {
    List<Block> blocks = new ArrayList<>();
    int targets = run.outputs().targets().size();
    for (int target = 0; target < Math.min(targets, MOST_TARGETS); target++) {
      List<Chart> charts = Residuals.of(run, target).charts(place);
      if (!charts.isEmpty()) {
        blocks.add(new Block.Plots(charts));
      }
    }
    if (targets > MOST_TARGETS) {
      blocks.add(
          new Block.Paragraph(
              "The first %d of %d targets are drawn; predictions.csv has all."
                  .formatted(MOST_TARGETS, targets)));
    }
    return blocks;
  }
}
