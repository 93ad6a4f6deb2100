package org.codonfuse.report;

import java.util.Locale;

/** How numbers are written, with a true minus sign. */
final class Numbers {
  private Numbers() {}

  /** Three digits after the point, or three that say something where these would not. */
  static String three(double value) {
    double size = Math.abs(value);
    return text(size != 0 && (size < 1e-3 || size >= 1e4) ? "%.2e" : "%.3f", value);
  }

  /** With commas between thousands. */
  static String count(long value) {
    return text("%,d", value);
  }

  private static String text(String format, Object value) {
    return String.format(Locale.ROOT, format, value).replace('-', '−');
  }
}
