package org.codonfuse.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Stroke;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYDataset;

/** What the pictures of all charts have in common. */
final class ChartDrawing {
  static final Color INK = new Color(0x22, 0x22, 0x22);
  static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
  static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 10);

  private static final Color GRID = new Color(0xe4, 0xe4, 0xe4);
  private static final Color AXIS = new Color(0x88, 0x88, 0x88);
  private static final int WIDTH = 560;
  private static final int HEIGHT = 400;

  private ChartDrawing() {}

  static JFreeChart of(Chart chart) {
    return switch (chart) {
      case LineChart c -> LineDrawing.of(c);
      case ScatterChart c -> ScatterDrawing.of(c);
      case BarChart c -> BarDrawing.of(c);
      case HeatmapChart c -> HeatmapDrawing.of(c);
    };
  }

  /** Width and height in 1/96 inch. */
  static Dimension size(Chart chart) {
    return switch (chart) {
      case ScatterChart _ -> new Dimension(480, 440);
      case BarChart c when c.form() == BarChart.Form.DOTS ->
          new Dimension(
              WIDTH, 110 + (c.categories().size() > 40 ? 16 : 24) * c.categories().size());
      case HeatmapChart c ->
          new Dimension(
              clamp(220 + 26 * c.columns().size(), 360, 1400),
              clamp(130 + 16 * c.rows().size(), 220, 1600));
      default -> new Dimension(WIDTH, HEIGHT);
    };
  }

  private static int clamp(int value, int least, int most) {
    return Math.clamp(value, least, most);
  }

  static XYPlot plot(XYDataset data, ValueAxis x, ValueAxis y, XYItemRenderer renderer) {
    XYPlot plot = new XYPlot(data, x, y, renderer);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(0.6f));
    plot.setRangeGridlineStroke(new BasicStroke(0.6f));
    plot.setAxisOffset(new RectangleInsets(0, 0, 0, 0));
    return plot;
  }

  /** A chart with a legend if it has more than one entry. */
  static JFreeChart chart(XYPlot plot) {
    JFreeChart chart = new JFreeChart(null, TEXT, plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(8, 4, 6, 12));
    if (plot.getLegendItems().getItemCount() > 1) {
      LegendTitle legend = new LegendTitle(plot);
      legend.setPosition(RectangleEdge.BOTTOM);
      legend.setItemFont(SMALL);
      legend.setItemPaint(INK);
      legend.setBackgroundPaint(Color.WHITE);
      chart.addSubtitle(legend);
    }
    return chart;
  }

  static NumberAxis axis(Axis axis) {
    NumberAxis drawn = styled(new NumberAxis(axis.name()));
    drawn.setAutoRangeIncludesZero(false);
    drawn.setAutoRangeStickyZero(false);
    drawn.setTickLabelInsets(new RectangleInsets(6, 4, 6, 4)); // Fewer numbers, further apart.
    axis.min().ifPresent(drawn::setLowerBound);
    axis.max().ifPresent(drawn::setUpperBound);
    return drawn;
  }

  static SymbolAxis symbols(String name, String... symbols) {
    SymbolAxis drawn = styled(new SymbolAxis(name, symbols));
    drawn.setGridBandsVisible(false);
    drawn.setRange(-0.5, symbols.length - 0.5);
    return drawn;
  }

  private static <T extends ValueAxis> T styled(T axis) {
    axis.setLabelFont(TEXT);
    axis.setTickLabelFont(SMALL);
    axis.setLabelPaint(INK);
    axis.setTickLabelPaint(INK);
    axis.setAxisLinePaint(AXIS);
    axis.setTickMarkPaint(AXIS);
    return axis;
  }

  static Color colour(int place) {
    return Color.decode(Palette.colour(place));
  }

  static Color transparent(Color colour, int alpha) {
    return new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha);
  }

  static Stroke line(boolean dashed) {
    return dashed
        ? new BasicStroke(
            1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {5, 3}, 0)
        : new BasicStroke(1.6f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }
}
