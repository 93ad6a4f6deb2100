package org.codonfuse.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.codonfuse.experiment.CellResult;
import org.codonfuse.experiment.DataPlan;
import org.codonfuse.experiment.Results;
import org.codonfuse.experiment.RowResult;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Palette;
import org.codonfuse.training.metrics.Interval;

/** What an experiment says: all models on every data set, and whether fusion helps. */
final class ExperimentSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    return data.experiment().map(ExperimentSection::chapter);
  }

  private static Chapter chapter(Results results) {
    List<Block> blocks = new ArrayList<>();
    int repetitions =
        results.plan().folds() > 0 ? results.plan().folds() : results.plan().seeds().size();
    String kind = results.plan().folds() > 0 ? "fold" : "seed";
    blocks.add(
        new Block.Paragraph(
            "Test split, mean and standard deviation over %d %s%s; smaller numbers are 95 %% intervals of the bootstrap over test sequences."
                .formatted(repetitions, kind, repetitions == 1 ? "" : "s")));
    for (int i = 0; i < results.plan().data().size(); i++) {
      DataPlan data = results.plan().data().get(i);
      if (results.plan().data().size() > 1) {
        blocks.add(new Block.Subheading(data.name()));
      }
      List<RowResult> rows = results.of(data);
      String metric =
          rows.stream()
              .flatMap(row -> row.runs().stream())
              .map(CellResult::headline)
              .findFirst()
              .map(MetricNames::of)
              .orElse("Score");
      String id = "experiment-" + (i + 1);
      blocks.add(new Block.Table(table(id, data, rows, metric)));
      if (rows.stream().anyMatch(row -> !row.runs().isEmpty())) {
        blocks.add(new Block.Plot(chart(id, data, rows, metric)));
      }
      List<Results.Comparison> comparisons =
          results.comparisons().stream()
              .filter(comparison -> comparison.fused().data().equals(data))
              .toList();
      if (!comparisons.isEmpty()) {
        blocks.addAll(fusion(id, data, comparisons, metric));
      }
    }
    return new Chapter("experiment", "Experiment", blocks);
  }

  private static DataTable table(String id, DataPlan data, List<RowResult> rows, String metric) {
    return new DataTable(
        id + "-table",
        "%s of every model on %s".formatted(metric, data.name()),
        List.of("Model", metric, "SD", "Validation", "Runs", "Seconds a run"),
        rows.stream()
            .map(
                row -> {
                  Cell mean = Cell.number(row.mean());
                  return List.of(
                      Cell.text(row.row().name()),
                      mean.withNote(row.interval()),
                      Cell.number(row.deviation()),
                      Cell.number(row.validation()),
                      Cell.text(
                          row.isComplete()
                              ? Integer.toString(row.planned())
                              : row.runs().size() + " of " + row.planned()),
                      Cell.one(row.seconds()));
                })
            .toList());
  }

  private static BarChart chart(String id, DataPlan data, List<RowResult> rows, String metric) {
    return new BarChart(
        new Caption(
            id + "-models",
            "%s of every model on %s".formatted(metric, data.name()),
            "Means over the repetitions with 95 % intervals over the test sequences."),
        "model",
        Axis.of(metric + ", test"),
        BarChart.Form.DOTS,
        rows.stream().map(row -> row.row().name()).toList(),
        List.of(
            bars("without fusion", Palette.NEUTRAL, rows, false), bars("fused", 0, rows, true)));
  }

  private static Bars bars(String name, int colour, List<RowResult> rows, boolean fused) {
    return new Bars(
        name,
        colour,
        rows.stream()
            .mapToDouble(row -> row.row().fuses() == fused ? row.mean() : Double.NaN)
            .toArray(),
        rows.stream().mapToDouble(row -> bound(row, fused, Interval::low)).toArray(),
        rows.stream().mapToDouble(row -> bound(row, fused, Interval::high)).toArray());
  }

  private static double bound(RowResult row, boolean fused, ToDoubleFunction<Interval> bound) {
    return row.row().fuses() == fused
        ? row.interval().stream().mapToDouble(bound).findFirst().orElse(Double.NaN)
        : Double.NaN;
  }

  private static List<Block> fusion(
      String id, DataPlan data, List<Results.Comparison> comparisons, String metric) {
    DataTable table =
        new DataTable(
            id + "-fusion",
            "Does fusion help on %s?".formatted(data.name()),
            List.of("Fusion", "Against", "Difference", "p", "p (Holm)", "Fusion"),
            comparisons.stream()
                .map(
                    comparison ->
                        List.of(
                            Cell.text(comparison.fused().row().name()),
                            Cell.text(comparison.alone().row().name()),
                            Cell.number(comparison.difference().value())
                                .withNote(comparison.difference().interval()),
                            Cell.p(comparison.difference().p()),
                            Cell.p(comparison.p()),
                            Cell.text(comparison.verdict())))
                .toList());
    BarChart chart =
        new BarChart(
            new Caption(
                id + "-differences",
                "What fusion adds on " + data.name(),
                "Difference of %s from the best model of one encoder, %s, with 95 %% intervals; right of zero fusion is better."
                    .formatted(metric, comparisons.getFirst().alone().row().name())),
            "fusion",
            Axis.of("difference of " + metric),
            BarChart.Form.DOTS,
            comparisons.stream().map(comparison -> comparison.fused().row().name()).toList(),
            List.of(
                new Bars(
                    "difference",
                    0,
                    comparisons.stream().mapToDouble(c -> c.difference().value()).toArray(),
                    comparisons.stream()
                        .mapToDouble(
                            c -> c.difference().interval().map(Interval::low).orElse(Double.NaN))
                        .toArray(),
                    comparisons.stream()
                        .mapToDouble(
                            c -> c.difference().interval().map(Interval::high).orElse(Double.NaN))
                        .toArray())));
    return List.of(
        new Block.Table(table),
        new Block.Paragraph(
            "Against the model of one encoder that is best on validation: paired bootstrap over the"
                + " test sequences of the predictions averaged over the seeds, p two-sided, and"
                + " with Holm’s correction for the fusions of the data set. Fusion helps or hurts"
                + " where that is below 0.05; otherwise these data do not show a difference."),
        new Block.Plot(chart));
  }
}
