package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.LineChart;
import org.codonfuse.report.chart.LineChart.Line;
import org.codonfuse.report.chart.LineChart.Mark;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.Epoch;
import org.codonfuse.training.run.RunConfig;

/** How the models learned. */
final class TrainingSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    Map<String, List<ReportRun>> byMetric = new LinkedHashMap<>();
    List<ReportRun> learned = data.runs().stream().filter(run -> !run.history().isEmpty()).toList();
    learned.forEach(
        run -> byMetric.computeIfAbsent(run.outputs().headline(), _ -> new ArrayList<>()).add(run));
    List<Block> blocks = new ArrayList<>();
    byMetric.forEach((metric, runs) -> blocks.add(new Block.Plot(comparison(metric, runs))));
    Shown shown = Shown.of(data);
    List<Chart> losses = new ArrayList<>();
    for (ReportRun run : shown.runs()) {
      if (!run.history().isEmpty()) {
        losses.add(losses(run, data.runs().indexOf(run) + 1));
      }
    }
    if (!losses.isEmpty()) {
      blocks.add(new Block.Plots(losses));
    }
    shown.note().ifPresent(note -> blocks.add(new Block.Paragraph(note)));
    return learned.isEmpty()
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
              !run.isFused() && runs.size() > 1,
              values(run, Epoch::number),
              values(run, Epoch::validationMetric)));
    }
    return new LineChart(
        new Caption(
            Caption.id("validation", metric),
            MetricNames.of(metric) + " on validation by epoch",
            runs.size() == 1
                ? "Measured after every epoch."
                : "Models with several inputs are drawn in full, those with one in dashes."),
        Axis.of("epoch"),
        Axis.of(MetricNames.of(metric) + ", validation"),
        lines);
  }

  private static LineChart losses(ReportRun run, int place) {
    double[] epochs = values(run, Epoch::number);
    return new LineChart(
        new Caption(
            Caption.id("run", Integer.toString(place), "loss"),
            "Loss by epoch, " + run.name(),
            "Training with dropout, validation without; in units of standardised targets where"
                + " numbers are predicted. The model is that of the best epoch."),
        Axis.of("epoch"),
        Axis.of("loss"),
        List.of(
            Line.of(
                "training",
                SplitColours.of(Split.TRAIN),
                false,
                epochs,
                values(run, Epoch::trainingLoss)),
            Line.of(
                "validation",
                SplitColours.of(Split.VALIDATION),
                false,
                epochs,
                values(run, Epoch::validationLoss))),
        marks(run));
  }

  private static List<Mark> marks(ReportRun run) {
    List<Mark> marks = new ArrayList<>();
    if (run.origin() instanceof Origin.Trained(RunConfig config)) {
      marks.add(new Mark(config.bestEpoch(), "best epoch"));
      int alone = config.fineTuning().headEpochs();
      if (alone > 0 && alone < run.history().size()) {
        marks.add(new Mark(alone + 0.5, "encoders learn"));
      }
    }
    marks.sort(Comparator.comparingDouble(Mark::x));
    return marks;
  }

  private static double[] values(ReportRun run, ToDoubleFunction<Epoch> value) {
    return run.history().stream().mapToDouble(value).toArray();
  }
}
