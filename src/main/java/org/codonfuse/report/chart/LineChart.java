package org.codonfuse.report.chart;

import java.util.List;

/**
 * Lines over an axis of numbers.
 *
 * @param caption what it is called
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param lines one or more
 * @param marks where on the horizontal axis something happened, ascending
 */
public record LineChart(Caption caption, Axis x, Axis y, List<Line> lines, List<Mark> marks)
    implements Chart {

  /** A chart without a mark. */
  public LineChart(Caption caption, Axis x, Axis y, List<Line> lines) {
    this(caption, x, y, lines, List.of());
  }

  /**
   * Something on the horizontal axis.
   *
   * @param x where
   * @param name what happened there
   */
  public record Mark(double x, String name) {}

  /**
   * A line.
   *
   * @param name for the legend; lines of one name are turned on and off together
   * @param colour its place in {@link Palette}
   * @param dashed whether it is drawn in dashes
   * @param x ascending
   * @param y one for each x
   * @param low lower edge of a band for each x, or empty
   * @param high upper edge
   */
  public record Line(
      String name,
      int colour,
      boolean dashed,
      double[] x,
      double[] y,
      double[] low,
      double[] high) {
    /** Checks the lengths. */
    public Line {
      Lengths.same(x.length, y.length);
      Lengths.sameOrNone(x.length, low.length);
      Lengths.same(low.length, high.length);
    }

    /** A line without a band. */
    public static Line of(String name, int colour, boolean dashed, double[] x, double[] y) {
      return new Line(name, colour, dashed, x, y, new double[0], new double[0]);
    }
  }
}
