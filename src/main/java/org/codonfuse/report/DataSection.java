package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.run.RunPredictions;
import org.hipparchus.stat.descriptive.moment.Mean;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;
import org.hipparchus.stat.descriptive.rank.Median;

/** What the models learned from and were measured on. */
final class DataSection implements Section {
  private static final List<String> COLUMNS =
      List.of("Quantity", "Split", "n", "Mean", "SD", "Min", "Median", "Max");

  /** Targets whose distribution is drawn. */
  private static final int MOST_TARGETS = 4;

  /** Data sets that are described; more are in the tables of an experiment. */
  private static final int MOST_DATA = 4;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> blocks = new ArrayList<>();
    List<List<ReportRun>> sets =
        List.copyOf(data.by(run -> run.origin().sha256() + run.targets()).values());
    for (int i = 0; i < Math.min(sets.size(), MOST_DATA); i++) {
      ReportRun run = sets.get(i).getFirst();
      if (sets.size() > 1) {
        blocks.add(
            new Block.Subheading(run.targets() + " in " + Texts.fileName(run.origin().file())));
      }
      describe(blocks, run, "data-" + (i + 1));
    }
    if (sets.size() > MOST_DATA) {
      blocks.add(
          new Block.Paragraph(
              "The first %d of %d data sets are described.".formatted(MOST_DATA, sets.size())));
    }
    return Optional.of(new Chapter("data", "Data", blocks));
  }

  private static void describe(List<Block> blocks, ReportRun run, String id) {
    RunPredictions rows = run.predictions();
    Map<String, double[]> columns = new LinkedHashMap<>();
    boolean classes = run.outputs().task() == Task.CLASSIFICATION;
    for (int t = 0; !classes && t < rows.targets().size(); t++) {
      columns.put(run.outputs().targets().get(t).name(), rows.targets().get(t));
    }
    List<Chart> charts = new ArrayList<>();
    if (classes) {
      charts.add(classes(run, id));
    }
    int drawn = 0;
    for (Map.Entry<String, double[]> column : columns.entrySet()) {
      if (drawn++ < MOST_TARGETS) {
        histogram(
                run,
                new Caption(
                    Caption.id(id, "target", Integer.toString(drawn)),
                    "Distribution of " + column.getKey(),
                    "What was measured, by split."),
                column.getKey(),
                row -> column.getValue()[row])
            .ifPresent(charts::add);
      }
    }
    SequenceLengths lengths = SequenceLengths.of(run);
    if (!lengths.isAbsent()) {
      columns.put("codons", lengths.codons());
      histogram(
              run,
              new Caption(
                  id + "-lengths", "Length of the sequences", "Number of codons, by split."),
              "codons",
              row -> lengths.codons()[row])
          .ifPresent(charts::add);
    }
    blocks.add(new Block.Paragraph((sentence(run) + " " + lengths.absent()).strip()));
    blocks.add(new Block.Table(table(run, columns, id)));
    if (!charts.isEmpty()) {
      blocks.add(new Block.Plots(charts));
    }
  }

  private static String sentence(ReportRun run) {
    RunPredictions rows = run.predictions();
    return "%s sequences of %s%s."
        .formatted(
            Numbers.count(rows.ids().size()),
            run.origin().file(),
            run.outputs().task() == Task.CLASSIFICATION
                ? ", of %d classes".formatted(run.outputs().classes().size())
                : "");
  }

  private static DataTable table(ReportRun run, Map<String, double[]> columns, String id) {
    List<List<Cell>> rows = new ArrayList<>();
    Map<String, double[]> quantities =
        columns.isEmpty() ? Map.of("sequences", new double[0]) : columns;
    quantities.forEach(
        (name, values) -> {
          for (Split split : Split.values()) {
            int[] members = run.predictions().rows(split);
            double[] known =
                Arrays.stream(members)
                    .filter(row -> row < values.length)
                    .mapToDouble(row -> values[row])
                    .filter(Double::isFinite)
                    .toArray();
            if (members.length > 0) {
              rows.add(row(name, split, columns.isEmpty() ? members.length : known.length, known));
            }
          }
        });
    return new DataTable(
        id + "-table", "Sequences by split, " + Texts.fileName(run.origin().file()), COLUMNS, rows);
  }

  private static List<Cell> row(String name, Split split, int count, double[] values) {
    return List.of(
        Cell.text(name),
        Cell.text(split.label()),
        Cell.count(count),
        Cell.brief(new Mean().evaluate(values)),
        Cell.brief(values.length < 2 ? Double.NaN : new StandardDeviation().evaluate(values)),
        Cell.brief(Arrays.stream(values).min().orElse(Double.NaN)),
        Cell.brief(values.length == 0 ? Double.NaN : new Median().evaluate(values)),
        Cell.brief(Arrays.stream(values).max().orElse(Double.NaN)));
  }

  private static Optional<BarChart> histogram(
      ReportRun run, Caption caption, String name, IntToDoubleFunction value) {
    Map<Split, double[]> numbers = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      double[] known =
          Arrays.stream(run.predictions().rows(split))
              .mapToDouble(value)
              .filter(Double::isFinite)
              .toArray();
      if (known.length > 0) {
        numbers.put(split, known);
      }
    }
    return numbers.isEmpty() ? Optional.empty() : Optional.of(Histogram.of(caption, name, numbers));
  }

  private static BarChart classes(ReportRun run, String id) {
    double[] truth = run.predictions().targets().getFirst();
    List<Bars> series = new ArrayList<>();
    for (Split split : Split.values()) {
      int[] rows = run.predictions().rows(split);
      if (rows.length > 0) {
        double[] counts = new double[run.outputs().classes().size()];
        Arrays.stream(rows).forEach(row -> counts[(int) truth[row]]++);
        series.add(Bars.of(split.label(), SplitColours.of(split), counts));
      }
    }
    return new BarChart(
        new Caption(id + "-classes", "Sequences by class", "How many there are, by split."),
        run.targets(),
        Axis.of("sequences"),
        BarChart.Form.BARS,
        run.outputs().classes(),
        series);
  }
}
