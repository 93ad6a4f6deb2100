package org.codonfuse.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/** Bars and dots, categories being the numbers from zero. */
final class BarDrawing {
  private static final Shape DOT = new Ellipse2D.Double(-3.5, -3.5, 7, 7);
  private static final Shape SQUARE = new Rectangle2D.Double(-4, -4, 8, 8);

  private BarDrawing() {}

  static JFreeChart of(BarChart chart) {
    SymbolAxis categories =
        ChartDrawing.symbols(chart.category(), chart.categories().toArray(String[]::new));
    NumberAxis values = ChartDrawing.axis(chart.value());
    boolean dots = chart.form() == BarChart.Form.DOTS;
    XYPlot plot =
        ChartDrawing.plot(
            data(chart), categories, values, dots ? dots(chart) : bars(chart, values));
    if (dots) {
      plot.setOrientation(PlotOrientation.HORIZONTAL);
      categories.setInverted(true);
    } else {
      plot.setDomainGridlinesVisible(false);
      categories.setVerticalTickLabels(chart.categories().size() > 12);
      plot.setDataset(1, data(chart));
      plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
      plot.setRenderer(1, intervals(chart));
    }
    return ChartDrawing.chart(plot);
  }

  private static XYIntervalSeriesCollection data(BarChart chart) {
    XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
    double room =
        switch (chart.form()) {
          case BARS -> 0.8 / chart.series().size();
          case HISTOGRAM -> 1;
          case DOTS -> 0;
        };
    double[] below = new double[chart.categories().size()];
    for (int i = 0; i < chart.series().size(); i++) {
      BarChart.Bars bars = chart.series().get(i);
      XYIntervalSeries series = new XYIntervalSeries(i);
      double middle = chart.form() == BarChart.Form.BARS ? room * (i + 0.5) - 0.4 : 0;
      for (int j = 0; j < bars.values().length; j++) {
        double value = bars.values()[j];
        if (Double.isFinite(value)) {
          if (chart.form() == BarChart.Form.HISTOGRAM) {
            double top = below[j] + value;
            series.add(j, j - room / 2, j + room / 2, top, below[j], top);
            below[j] = top;
            continue;
          }
          boolean known = bars.low().length > 0 && Double.isFinite(bars.low()[j] + bars.high()[j]);
          double x = j + middle;
          series.add(
              x,
              x - room / 2,
              x + room / 2,
              value,
              known ? bars.low()[j] : value,
              known ? bars.high()[j] : value);
        }
      }
      data.addSeries(series);
    }
    return data;
  }

  private static XYBarRenderer bars(BarChart chart, NumberAxis values) {
    values.setAutoRangeIncludesZero(true);
    values.setAutoRangeStickyZero(true);
    XYBarRenderer renderer = new XYBarRenderer();
    renderer.setBarPainter(new StandardXYBarPainter());
    renderer.setShadowVisible(false);
    renderer.setDrawBarOutline(true);
    renderer.setUseYInterval(chart.form() == BarChart.Form.HISTOGRAM);
    for (int i = 0; i < chart.series().size(); i++) {
      Color colour = ChartDrawing.colour(chart.series().get(i).colour());
      renderer.setSeriesPaint(i, colour);
      renderer.setSeriesOutlinePaint(i, Color.WHITE);
      renderer.setSeriesOutlineStroke(i, new BasicStroke(0.5f));
    }
    renderer.setLegendBar(SQUARE);
    renderer.setLegendItemLabelGenerator((_, series) -> chart.series().get(series).name());
    return renderer;
  }

  private static XYErrorRenderer intervals(BarChart chart) {
    XYErrorRenderer renderer = errors();
    renderer.setDefaultShapesVisible(false);
    renderer.setErrorPaint(ChartDrawing.INK);
    renderer.setDefaultSeriesVisibleInLegend(false);
    if (chart.series().stream().allMatch(bars -> bars.low().length == 0)) {
      renderer.setDrawYError(false);
    }
    return renderer;
  }

  private static XYErrorRenderer dots(BarChart chart) {
    XYErrorRenderer renderer = errors();
    for (int i = 0; i < chart.series().size(); i++) {
      renderer.setSeriesPaint(i, ChartDrawing.colour(chart.series().get(i).colour()));
      renderer.setSeriesShape(i, DOT);
    }
    renderer.setLegendItemLabelGenerator((_, series) -> chart.series().get(series).name());
    return renderer;
  }

  private static XYErrorRenderer errors() {
    XYErrorRenderer renderer = new XYErrorRenderer();
    renderer.setDrawXError(false);
    renderer.setErrorStroke(new BasicStroke(1.3f));
    renderer.setCapLength(0);
    return renderer;
  }
}
