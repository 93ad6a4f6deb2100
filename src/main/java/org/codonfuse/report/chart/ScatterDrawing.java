package org.codonfuse.report.chart;

import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYLineAnnotation;
import org.jfree.chart.annotations.XYPolygonAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.renderer.xy.XYShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.DefaultXYZDataset;
import org.jfree.data.xy.XYDataset;

final class ScatterDrawing {
  private ScatterDrawing() {}

  static JFreeChart of(ScatterChart chart) {
    double radius = chart.size() > 3000 ? 1.6 : chart.size() > 500 ? 2.2 : 3;
    Ellipse2D shape = new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius);
    XYPlot plot =
        ChartDrawing.plot(
            points(chart),
            ChartDrawing.axis(chart.x()),
            ChartDrawing.axis(chart.y()),
            chart.scale().isPresent()
                ? byValue(chart.scale().get(), shape)
                : byGroup(chart, shape));
    chart.guide().ifPresent(guide -> guide(plot, chart, guide));
    JFreeChart drawn = ChartDrawing.chart(plot);
    chart.scale().ifPresent(scale -> drawn.addSubtitle(Colours.legend(scale)));
    return drawn;
  }

  private static XYDataset points(ScatterChart chart) {
    DefaultXYZDataset data = new DefaultXYZDataset();
    for (int i = 0; i < chart.groups().size(); i++) {
      ScatterChart.Points points = chart.groups().get(i);
      int[] known =
          IntStream.range(0, points.x().length)
              .filter(j -> Double.isFinite(points.x()[j] + points.y()[j]))
              .toArray();
      double[] values =
          points.values().length > 0 ? points.values() : new double[points.x().length];
      data.addSeries(
          i, new double[][] {at(known, points.x()), at(known, points.y()), at(known, values)});
    }
    return data;
  }

  private static double[] at(int[] places, double[] values) {
    return Arrays.stream(places).mapToDouble(place -> values[place]).toArray();
  }

  private static XYItemRenderer byGroup(ScatterChart chart, Ellipse2D shape) {
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
    for (int i = 0; i < chart.groups().size(); i++) {
      Color colour = ChartDrawing.colour(chart.groups().get(i).colour());
      renderer.setSeriesShape(i, shape);
      renderer.setSeriesPaint(i, ChartDrawing.transparent(colour, 150));
    }
    renderer.setLegendItemLabelGenerator((_, series) -> chart.groups().get(series).name());
    return renderer;
  }

  private static XYItemRenderer byValue(ColourScale scale, Ellipse2D shape) {
    XYShapeRenderer renderer = new XYShapeRenderer();
    renderer.setPaintScale(new Colours(scale));
    renderer.setDefaultShape(shape);
    renderer.setAutoPopulateSeriesShape(false);
    renderer.setDefaultSeriesVisibleInLegend(false);
    return renderer;
  }

  private static void guide(XYPlot plot, ScatterChart chart, ScatterChart.Guide guide) {
    double[] x = range(chart, ScatterChart.Points::x);
    double left = x[0];
    double right = x[1];
    double y1 = guide.slope() * left;
    double y2 = guide.slope() * right;
    Color grey = ChartDrawing.colour(Palette.NEUTRAL);
    if (guide.hasBand()) {
      double[] corners = {
        left,
        y1 + guide.low(),
        right,
        y2 + guide.low(),
        right,
        y2 + guide.high(),
        left,
        y1 + guide.high()
      };
      plot.getRenderer()
          .addAnnotation(
              new XYPolygonAnnotation(corners, null, null, ChartDrawing.transparent(grey, 40)),
              Layer.BACKGROUND);
    }
    plot.getRenderer()
        .addAnnotation(
            new XYLineAnnotation(left, y1, right, y2, ChartDrawing.line(true), grey),
            Layer.BACKGROUND);
  }

  private static double[] range(
      ScatterChart chart, Function<ScatterChart.Points, double[]> coordinate) {
    var range =
        chart.groups().stream()
            .map(coordinate)
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .summaryStatistics();
    return new double[] {range.getMin(), range.getMax()};
  }
}
