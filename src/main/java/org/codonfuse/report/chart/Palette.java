package org.codonfuse.report.chart;

import java.util.List;

/**
 * Colours that people with any colour vision tell apart: those of Okabe and Ito (2008) in an order
 * that begins with the strongest contrasts, on dark ground the lighter variants.
 */
public final class Palette {
  /** The grey of what is only there to compare with. */
  public static final int NEUTRAL = -1;

  private static final String GREY = "#767676";

  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7a5195");

  private Palette() {}

  /**
   * A colour on light ground, as in CSS.
   *
   * @param place from zero, again from the first after the last; or {@link #NEUTRAL}
   */
  public static String colour(int place) {
    return place == NEUTRAL ? GREY : COLOURS.get(place % COLOURS.size());
  }
}
