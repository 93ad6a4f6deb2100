package org.codonfuse.report;

import org.codonfuse.report.chart.Palette;
import org.codonfuse.sequence.Split;

/** A split has one colour in all charts. */
final class SplitColours {
  private SplitColours() {}

  /** Its place in {@link Palette}. */
  static int of(Split split) {
    return switch (split) {
      case TRAIN -> Palette.NEUTRAL;
      case VALIDATION -> 5;
      case TEST -> 0;
    };
  }
}
