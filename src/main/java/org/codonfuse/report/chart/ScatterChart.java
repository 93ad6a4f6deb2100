package org.codonfuse.report.chart;

import java.util.List;
import java.util.Optional;

/**
 * Points in two dimensions.
 *
 * @param caption what it is called
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param groups the points, in one colour a group, or all by their values
 * @param guide a line to compare the points with
 * @param scale of the points' values; empty if the groups have colours
 */
public record ScatterChart(
    Caption caption,
    Axis x,
    Axis y,
    List<Points> groups,
    Optional<Guide> guide,
    Optional<ColourScale> scale)
    implements Chart {

  /**
   * Some points.
   *
   * @param name for the legend
   * @param colour place in {@link Palette}, where there is no scale
   * @param x one for each point
   * @param y one for each point
   * @param labels what to show of a point beside its numbers, or empty
   * @param values what colours the points, where there is a scale, or empty
   */
  public record Points(
      String name, int colour, double[] x, double[] y, List<String> labels, double[] values) {
    /** Checks the lengths. */
    public Points {
      Lengths.same(x.length, y.length);
      Lengths.sameOrNone(x.length, labels.size());
      Lengths.sameOrNone(x.length, values.length);
    }

    /** Points in the colour of their group. */
    public static Points of(String name, int colour, double[] x, double[] y, List<String> labels) {
      return new Points(name, colour, x, y, labels, new double[0]);
    }
  }

  /**
   * The line {@code y = slope · x} and a band about it.
   *
   * @param name of the band; without one the line is alone
   * @param slope 1 for the diagonal, 0 for the horizontal through zero
   * @param low what is added to the line for the lower edge, at most zero
   * @param high what is added to it for the upper edge
   */
  public record Guide(String name, double slope, double low, double high) {
    /** A line without a band. */
    public static Guide line(double slope) {
      return new Guide("", slope, 0, 0);
    }

    boolean hasBand() {
      return low < high;
    }
  }

  /** All points of all groups. */
  public int size() {
    return groups.stream().mapToInt(points -> points.x().length).sum();
  }
}
