package org.codonfuse.report.chart;

import java.awt.Color;
import java.awt.Paint;
import java.util.List;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.renderer.PaintScale;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** The colours of a scale for pictures, mixed between those it names; grey for nothing. */
record Colours(ColourScale scale) implements PaintScale {
  private static final Color MISSING = new Color(0xdd, 0xdd, 0xdd);

  @Override
  public double getLowerBound() {
    return scale.min();
  }

  @Override
  public double getUpperBound() {
    return scale.max();
  }

  @Override
  public Paint getPaint(double value) {
    if (!Double.isFinite(value)) {
      return MISSING;
    }
    List<String> colours = scale.kind().colours();
    double place =
        Math.clamp((value - scale.min()) / (scale.max() - scale.min()), 0, 1)
            * (colours.size() - 1);
    int below = Math.min((int) place, colours.size() - 2);
    return mixed(
        Color.decode(colours.get(below)), Color.decode(colours.get(below + 1)), place - below);
  }

  private static Color mixed(Color first, Color second, double share) {
    return new Color(
        mixed(first.getRed(), second.getRed(), share),
        mixed(first.getGreen(), second.getGreen(), share),
        mixed(first.getBlue(), second.getBlue(), share));
  }

  private static int mixed(int first, int second, double share) {
    return (int) Math.rint(first + (second - first) * share);
  }

  /** Dark on light colours and light on dark ones. */
  static Color ink(Color ground) {
    double luminance =
        0.299 * ground.getRed() + 0.587 * ground.getGreen() + 0.114 * ground.getBlue();
    return luminance > 140 ? ChartDrawing.INK : Color.WHITE;
  }

  /** A bar of the colours with an axis, to the right of a plot. */
  static PaintScaleLegend legend(ColourScale scale) {
    PaintScaleLegend legend =
        new PaintScaleLegend(
            new Colours(scale), ChartDrawing.axis(Axis.of(scale.name(), scale.min(), scale.max())));
    legend.setPosition(RectangleEdge.RIGHT);
    legend.setAxisLocation(AxisLocation.BOTTOM_OR_RIGHT);
    legend.setMargin(new RectangleInsets(10, 10, 40, 4));
    legend.setStripWidth(12);
    legend.setSubdivisionCount(200);
    legend.setBackgroundPaint(Color.WHITE);
    return legend;
  }
}
