package org.codonfuse.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** How numbers are written, with a true minus sign. */
final class Numbers {
  private Numbers() {}

  /** Three digits after the point, or three that say something where these would not. */
  static String three(double value) {
    double size = Math.abs(value);
    return text(size != 0 && (size < 1e-3 || size >= 1e4) ? "%.2e" : "%.3f", value);
  }

  /** One digit after the point. */
  static String one(double value) {
    return text("%.1f", value);
  }

  /** Four digits that say something, without zeros at the end: 0.05, 1e−5, 120. */
  static String brief(double value) {
    BigDecimal rounded =
        new BigDecimal(value)
            .round(new MathContext(4, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    boolean plain = rounded.signum() == 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6);
    return (plain ? rounded.toPlainString() : rounded.toString().replace("E", "e").replace("+", ""))
        .replace('-', '−');
  }

  /** With commas between thousands. */
  static String count(long value) {
    return text("%,d", value);
  }

  private static String text(String format, Object value) {
    return String.format(Locale.ROOT, format, value).replace('-', '−');
  }
}
