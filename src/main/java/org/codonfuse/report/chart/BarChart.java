package org.codonfuse.report.chart;

import java.util.List;

/**
 * Values of categories.
 *
 * @param caption what it is called
 * @param category what the categories are
 * @param value the axis of the values
 * @param form how they are drawn
 * @param categories their names
 * @param series one or more values for each category, side by side
 */
public record BarChart(
    Caption caption,
    String category,
    Axis value,
    Form form,
    List<String> categories,
    List<Bars> series)
    implements Chart {

  /** How values are drawn. */
  public enum Form {
    /** Upright bars from zero, grouped by category. */
    BARS,
    /**
     * Upright bars without room between them, series on top of one another: the categories are
     * ranges of numbers in order, the values counts.
     */
    HISTOGRAM,
    /** Dots with intervals, a category a row from the top: for values whose zero means nothing. */
    DOTS
  }

  /** Checks the lengths. */
  public BarChart {
    for (Bars bars : series) {
      Lengths.same(categories.size(), bars.values().length);
    }
  }

  /**
   * A value for each category.
   *
   * @param name for the legend
   * @param colour place in {@link Palette}
   * @param values by category
   * @param low lower end of the interval of each, or empty
   * @param high upper end
   */
  public record Bars(String name, int colour, double[] values, double[] low, double[] high) {
    /** Checks the lengths. */
    public Bars {
      Lengths.sameOrNone(values.length, low.length);
      Lengths.same(low.length, high.length);
    }

    /** Values without intervals. */
    public static Bars of(String name, int colour, double[] values) {
      return new Bars(name, colour, values, new double[0], new double[0]);
    }
  }
}
