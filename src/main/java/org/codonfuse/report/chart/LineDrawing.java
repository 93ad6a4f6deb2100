package org.codonfuse.report.chart;

import java.awt.Color;
import java.awt.geom.Line2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

final class LineDrawing {
  private LineDrawing() {}

  static JFreeChart of(LineChart chart) {
    YIntervalSeriesCollection data = new YIntervalSeriesCollection();
    DeviationRenderer renderer = new DeviationRenderer(true, false);
    renderer.setAlpha(0.18f);
    for (int i = 0; i < chart.lines().size(); i++) {
      LineChart.Line line = chart.lines().get(i);
      data.addSeries(series(line, i));
      renderer.setSeriesPaint(i, ChartDrawing.colour(line.colour()));
      renderer.setSeriesFillPaint(i, ChartDrawing.colour(line.colour()));
      renderer.setSeriesStroke(i, ChartDrawing.line(line.dashed()));
    }
    renderer.setDefaultLegendTextPaint(ChartDrawing.INK);
    renderer.setLegendItemLabelGenerator((_, series) -> chart.lines().get(series).name());
    renderer.setLegendLine(new Line2D.Double(-12, 0, 12, 0));
    XYPlot plot =
        ChartDrawing.plot(
            data, ChartDrawing.axis(chart.x()), ChartDrawing.axis(chart.y()), renderer);
    for (int i = 0; i < chart.marks().size(); i++) {
      plot.addDomainMarker(marker(chart.marks().get(i), i));
    }
    return ChartDrawing.chart(plot);
  }

  /** Its key is its index: names may be equal. */
  private static YIntervalSeries series(LineChart.Line line, int key) {
    YIntervalSeries series = new YIntervalSeries(key);
    for (int j = 0; j < line.x().length; j++) {
      double y = line.y()[j];
      if (Double.isFinite(y)) {
        boolean band = line.low().length > 0 && Double.isFinite(line.low()[j] + line.high()[j]);
        series.add(line.x()[j], y, band ? line.low()[j] : y, band ? line.high()[j] : y);
      }
    }
    return series;
  }

  /**
   * A dashed line with its name.
   *
   * @param place among the marks: names are one below the other
   */
  private static ValueMarker marker(LineChart.Mark mark, int place) {
    ValueMarker marker = new ValueMarker(mark.x());
    marker.setPaint(ChartDrawing.colour(Palette.NEUTRAL));
    marker.setStroke(ChartDrawing.line(true));
    marker.setAlpha(1);
    marker.setLabel(" " + mark.name());
    marker.setLabelOffset(new RectangleInsets(3 + 14.0 * place, 3, 3, 3));
    marker.setLabelFont(ChartDrawing.SMALL);
    marker.setLabelBackgroundColor(ChartDrawing.transparent(Color.WHITE, 0));
    marker.setLabelPaint(ChartDrawing.INK);
    marker.setLabelAnchor(RectangleAnchor.TOP_RIGHT);
    marker.setLabelTextAnchor(TextAnchor.TOP_LEFT);
    return marker;
  }
}
