package org.codonfuse.report.chart;

import java.util.List;

/**
 * A table whose cells are colours.
 *
 * @param caption what it is called
 * @param x what the columns are
 * @param y what the rows are
 * @param columns their names, from the left
 * @param rows their names, from the top
 * @param groups which group each row belongs to, equal ones side by side; or empty
 * @param values {@code [row][column]}
 * @param scale what the colours mean
 * @param texts what is written into each cell, {@code [row][column]}; or empty
 */
public record HeatmapChart(
    Caption caption,
    String x,
    String y,
    List<String> columns,
    List<String> rows,
    List<String> groups,
    double[][] values,
    ColourScale scale,
    List<List<String>> texts)
    implements Chart {
  /** Checks the sizes. */
  public HeatmapChart {
    Lengths.same(rows.size(), values.length);
    Lengths.sameOrNone(rows.size(), groups.size());
    Lengths.sameOrNone(rows.size(), texts.size());
    for (double[] row : values) {
      Lengths.same(columns.size(), row.length);
    }
    for (List<String> row : texts) {
      Lengths.same(columns.size(), row.size());
    }
  }
}
