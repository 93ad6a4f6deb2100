package org.codonfuse.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Palette;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.metrics.Interval;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.MetricReport.Metric;

/** The metrics of all runs side by side. */
final class ResultSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Block.Paragraph(introduction(data)));
    Map<Task, List<ReportRun>> tasks = data.by(run -> run.outputs().task());
    tasks.forEach(
        (task, runs) -> {
          if (tasks.size() > 1) {
            blocks.add(new Block.Subheading(Texts.capital(task.label())));
          }
          blocks.add(new Block.Table(table(task, runs)));
          if (runs.size() > 1) {
            blocks.add(new Block.Plot(comparison(task, runs)));
          }
          List<ReportRun> several =
              runs.stream().filter(run -> run.outputs().targets().size() > 1).toList();
          if (!several.isEmpty()) {
            blocks.add(new Block.Table(byTarget(several)));
          }
        });
    return Optional.of(new Chapter("results", "Results", blocks));
  }

  private static String introduction(ReportData data) {
    String text = "Smaller numbers are 95 % intervals of the bootstrap over sequences.";
    if (data.runs().stream().anyMatch(run -> run.measured() == Split.VALIDATION)) {
      text +=
          " A model without test sequences is measured on those of validation, which also chose"
              + " its epoch or penalty: such numbers are too good.";
    }
    if (data.experiment().isPresent()) {
      text += " Of every model, this is the run of the first seed or fold.";
    }
    return text;
  }

  private static DataTable table(Task task, List<ReportRun> runs) {
    Set<String> metrics = new LinkedHashSet<>();
    runs.forEach(run -> run.report().ifPresent(r -> metrics.addAll(r.metrics().keySet())));
    boolean several = runs.stream().map(ResultSection::data).distinct().count() > 1;
    List<String> columns = new ArrayList<>(List.of("Run", "Model"));
    if (several) {
      columns.add("Data");
    }
    columns.addAll(List.of("Split", "n"));
    metrics.forEach(name -> columns.add(MetricNames.of(name)));
    List<List<Cell>> rows = new ArrayList<>();
    for (ReportRun run : runs) {
      List<Cell> row = new ArrayList<>(List.of(Cell.text(run.name()), Cell.text(run.model())));
      if (several) {
        row.add(Cell.text(data(run)));
      }
      row.add(Cell.text(run.measured().label()));
      row.addAll(cells(run.report(), metrics));
      rows.add(row);
    }
    return new DataTable(
        Caption.id("results", task.label()),
        "Metrics of every run" + (several ? "" : ", " + data(runs.getFirst())),
        columns,
        rows);
  }

  private static String data(ReportRun run) {
    return run.targets() + " (" + Texts.fileName(run.origin().file()) + ")";
  }

  private static List<Cell> cells(Optional<MetricReport> report, Set<String> metrics) {
    List<Cell> cells = new ArrayList<>();
    cells.add(report.map(r -> Cell.count(r.n())).orElse(Cell.number(Double.NaN)));
    for (String name : metrics) {
      cells.add(
          report.map(r -> r.metrics().get(name)).map(Cell::metric).orElse(Cell.number(Double.NaN)));
    }
    return cells;
  }

  private static BarChart comparison(Task task, List<ReportRun> runs) {
    String metric = runs.getFirst().outputs().headline();
    boolean both =
        runs.stream().anyMatch(ReportRun::isFused) && !runs.stream().allMatch(ReportRun::isFused);
    List<Bars> series =
        both
            ? List.of(
                bars("one input", Palette.NEUTRAL, runs, metric, Optional.of(false)),
                bars("fused", 0, runs, metric, Optional.of(true)))
            : List.of(bars(MetricNames.of(metric), 0, runs, metric, Optional.empty()));
    return new BarChart(
        new Caption(
            Caption.id("comparison", task.label()),
            MetricNames.of(metric) + " of every run",
            "The split that the table names, with 95 % intervals."
                + " Models whose intervals overlap may still differ: they see the same sequences."),
        "run",
        Axis.of(MetricNames.of(metric)),
        BarChart.Form.DOTS,
        runs.stream().map(ReportRun::name).toList(),
        series);
  }

  /** Those runs that are fused or not; nothing for the others. */
  private static Bars bars(
      String name, int colour, List<ReportRun> runs, String metric, Optional<Boolean> fused) {
    List<Optional<Metric>> shown =
        runs.stream()
            .map(
                run ->
                    fused.isPresent() && fused.get() != run.isFused()
                        ? Optional.<Metric>empty()
                        : run.report().map(r -> r.metrics().get(metric)))
            .toList();
    return new Bars(
        name,
        colour,
        shown.stream().mapToDouble(m -> m.map(Metric::value).orElse(Double.NaN)).toArray(),
        shown.stream()
            .mapToDouble(m -> m.flatMap(Metric::interval).map(Interval::low).orElse(Double.NaN))
            .toArray(),
        shown.stream()
            .mapToDouble(m -> m.flatMap(Metric::interval).map(Interval::high).orElse(Double.NaN))
            .toArray());
  }

  private static DataTable byTarget(List<ReportRun> runs) {
    Set<String> metrics = new LinkedHashSet<>();
    runs.forEach(
        run ->
            run.report()
                .ifPresent(
                    r -> r.targets().values().forEach(t -> metrics.addAll(t.metrics().keySet()))));
    List<String> columns = new ArrayList<>(List.of("Target", "Run", "n"));
    metrics.forEach(name -> columns.add(MetricNames.of(name)));
    List<List<Cell>> rows = new ArrayList<>();
    Set<String> targets = new LinkedHashSet<>();
    runs.forEach(run -> run.report().ifPresent(r -> targets.addAll(r.targets().keySet())));
    for (String target : targets) {
      for (ReportRun run : runs) {
        Optional<MetricReport> report = run.report().map(r -> r.targets().get(target));
        if (report.isPresent()) {
          List<Cell> row = new ArrayList<>(List.of(Cell.text(target), Cell.text(run.name())));
          row.addAll(cells(report, metrics));
          rows.add(row);
        }
      }
    }
    return new DataTable("results-by-target", "Metrics of every target", columns, rows);
  }
}
