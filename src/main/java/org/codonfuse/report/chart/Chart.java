package org.codonfuse.report.chart;

/**
 * A chart as data, without a word about how it is drawn: {@link ChartJson} makes it part of a page,
 * {@link ChartImages} a picture, {@link ChartTable} a table of its numbers. A value that is not
 * finite is missing.
 */
public sealed interface Chart permits LineChart, ScatterChart, BarChart, HeatmapChart {
  /** What it is called and says. */
  Caption caption();
}
