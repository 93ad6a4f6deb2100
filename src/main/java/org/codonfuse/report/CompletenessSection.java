package org.codonfuse.report;

import static org.codonfuse.report.Explained.quantile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.explain.Explanation.Completeness;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ScatterChart;

/** How exactly attributions add up to predictions. */
final class CompletenessSection implements Section {
  private static final double[] EDGES = {1e-4, 1e-3, 1e-2, 5e-2, 0.2};
  private static final List<String> RANGES =
      List.of("below 0.01 %", "to 0.1 %", "to 1 %", "to 5 %", "to 20 %", "above 20 %");

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Explained> runs =
        Explained.of(data).stream()
            .filter(run -> !run.explanation().completeness().isEmpty())
            .toList();
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "The attributions of a sequence should add up to its prediction less that of the"
                + " baseline. The gap is what is missing, as a part of that difference; it is large"
                + " where the difference is near nothing, and says how exact the numbers are, not"
                + " whether the model is right. Attributions by "
                + String.join("; ", Explained.distinct(runs, Explained::method))
                + "."));
    blocks.add(new Block.Table(table(runs)));
    if (runs.size() <= 6) {
      blocks.add(new Block.Plot(gaps(runs)));
    }
    blocks.addAll(
        Explained.each(
            "completeness-run",
            runs,
            run ->
                run.eachOutput(
                    "completeness",
                    output -> {
                      List<Completeness> rows =
                          run.explanation().completeness().stream()
                              .filter(c -> c.output().equals(output))
                              .toList();
                      return rows.isEmpty()
                          ? List.of()
                          : List.of(new Block.Plot(sums(run, output, rows)));
                    })));
    return Optional.of(new Chapter("completeness", "How exact attributions are", blocks));
  }

  private static double[] gapsOf(Explained run) {
    return run.explanation().completeness().stream()
        .mapToDouble(Completeness::gap)
        .filter(gap -> !Double.isNaN(gap))
        .toArray();
  }

  private static DataTable table(List<Explained> runs) {
    List<List<Cell>> rows = new ArrayList<>();
    for (Explained run : runs) {
      double[] gaps = gapsOf(run);
      double[] steps =
          run.explanation().completeness().stream().mapToDouble(Completeness::steps).toArray();
      long above = Arrays.stream(gaps).filter(gap -> gap > 0.05).count();
      rows.add(
          List.of(
              Cell.text(run.name()),
              Cell.count(gaps.length),
              percent(quantile(gaps, 50)),
              percent(quantile(gaps, 95)),
              percent(quantile(gaps, 100)),
              Cell.count(above),
              Cell.count((long) quantile(steps, 100))));
    }
    return new DataTable(
        "completeness-table",
        "Gaps of the attributions",
        List.of(
            "Run",
            "Predictions",
            "Median gap",
            "95th percentile",
            "Largest",
            "Gaps above 5 %",
            "Most points"),
        rows);
  }

  private static Cell percent(double value) {
    Cell cell = Cell.number(100 * value);
    return Double.isFinite(value) ? new Cell(cell.text() + " %", cell.note(), cell.number()) : cell;
  }

  private static BarChart gaps(List<Explained> runs) {
    List<Bars> series = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      double[] gaps = gapsOf(runs.get(i));
      double[] counts = new double[RANGES.size()];
      for (double gap : gaps) {
        counts[(int) IntStream.range(0, EDGES.length).filter(e -> gap > EDGES[e]).count()]++;
      }
      double[] shares =
          Arrays.stream(counts).map(count -> count / Math.max(1, gaps.length)).toArray();
      series.add(Bars.of(runs.get(i).name(), i, shares));
    }
    return new BarChart(
        new Caption(
            "completeness-gaps",
            "Gaps of the attributions",
            "The part of the predictions whose gap lies in each range; further to the left is"
                + " better."),
        "gap",
        Axis.of("part of the predictions", 0, 1),
        BarChart.Form.BARS,
        RANGES,
        series);
  }

  private static ScatterChart sums(Explained run, String output, List<Completeness> rows) {
    return new ScatterChart(
        new Caption(
            run.id("completeness", run.part(output)),
            "Sums of attributions against what they divide, for %s in %s"
                .formatted(run.unit(output), run.name()),
            "A point is a sequence. On the line the attributions add up exactly."),
        Axis.of("prediction − baseline, " + run.unit(output)),
        Axis.of("sum of attributions"),
        List.of(
            ScatterChart.Points.of(
                run.name(),
                0,
                rows.stream().mapToDouble(c -> c.prediction() - c.baseline()).toArray(),
                rows.stream().mapToDouble(Completeness::attributed).toArray(),
                rows.stream().map(Completeness::id).toList())),
        Optional.of(ScatterChart.Guide.line(1)),
        Optional.empty());
  }
}
