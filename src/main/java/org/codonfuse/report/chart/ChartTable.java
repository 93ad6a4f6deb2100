package org.codonfuse.report.chart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.CsvFile;

/**
 * The numbers of a chart, a row for each thing that is drawn. What is missing is empty.
 *
 * @param columns their names
 * @param rows each with a cell per column
 */
public record ChartTable(List<String> columns, List<List<String>> rows) {
  /** The numbers of a chart, exactly. */
  public static ChartTable of(Chart chart) {
    return switch (chart) {
      case LineChart c -> lines(c);
      case ScatterChart c -> points(c);
      case BarChart c -> bars(c);
      case HeatmapChart c -> cells(c);
    };
  }

  /**
   * Writes them as CSV.
   *
   * @throws CodonfuseException if the file cannot be written
   */
  public void write(Path file) {
    CsvFile.write(file, columns, rows);
  }

  private static ChartTable lines(LineChart chart) {
    boolean band = chart.lines().stream().anyMatch(line -> line.low().length > 0);
    List<List<String>> rows = new ArrayList<>();
    for (LineChart.Line line : chart.lines()) {
      for (int i = 0; i < line.x().length; i++) {
        List<String> row =
            new ArrayList<>(List.of(line.name(), number(line.x(), i), number(line.y(), i)));
        if (band) {
          row.add(number(line.low(), i));
          row.add(number(line.high(), i));
        }
        rows.add(row);
      }
    }
    List<String> columns = new ArrayList<>(List.of("line", chart.x().name(), chart.y().name()));
    if (band) {
      columns.addAll(List.of("low", "high"));
    }
    return new ChartTable(columns, rows);
  }

  private static ChartTable points(ScatterChart chart) {
    List<List<String>> rows = new ArrayList<>();
    for (ScatterChart.Points points : chart.groups()) {
      for (int i = 0; i < points.x().length; i++) {
        List<String> row = new ArrayList<>();
        row.add(points.labels().isEmpty() ? "" : points.labels().get(i));
        row.add(points.name());
        row.add(number(points.x(), i));
        row.add(number(points.y(), i));
        if (chart.scale().isPresent()) {
          row.add(number(points.values(), i));
        }
        rows.add(row);
      }
    }
    List<String> columns =
        new ArrayList<>(List.of("id", "group", chart.x().name(), chart.y().name()));
    chart.scale().ifPresent(scale -> columns.add(scale.name()));
    return new ChartTable(columns, rows);
  }

  private static ChartTable bars(BarChart chart) {
    boolean intervals = chart.series().stream().anyMatch(bars -> bars.low().length > 0);
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < chart.categories().size(); i++) {
      for (BarChart.Bars bars : chart.series()) {
        if (!Double.isFinite(bars.values()[i])) {
          continue;
        }
        List<String> row =
            new ArrayList<>(
                List.of(chart.categories().get(i), bars.name(), number(bars.values(), i)));
        if (intervals) {
          row.add(number(bars.low(), i));
          row.add(number(bars.high(), i));
        }
        rows.add(row);
      }
    }
    List<String> columns =
        new ArrayList<>(List.of(chart.category(), "series", chart.value().name()));
    if (intervals) {
      columns.addAll(List.of("low", "high"));
    }
    return new ChartTable(columns, rows);
  }

  private static ChartTable cells(HeatmapChart chart) {
    boolean grouped = !chart.groups().isEmpty();
    List<String> columns = new ArrayList<>();
    if (grouped) {
      columns.add("group");
    }
    columns.add(chart.y());
    columns.addAll(chart.columns());
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < chart.rows().size(); i++) {
      List<String> row = new ArrayList<>();
      if (grouped) {
        row.add(chart.groups().get(i));
      }
      row.add(chart.rows().get(i));
      for (int j = 0; j < chart.columns().size(); j++) {
        row.add(number(chart.values()[i], j));
      }
      rows.add(row);
    }
    return new ChartTable(columns, rows);
  }

  private static String number(double[] values, int i) {
    return i < values.length && Double.isFinite(values[i]) ? Double.toString(values[i]) : "";
  }
}
