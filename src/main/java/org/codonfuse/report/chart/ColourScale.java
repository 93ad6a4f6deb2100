package org.codonfuse.report.chart;

import java.util.Arrays;
import java.util.List;

/**
 * What colours say about numbers.
 *
 * @param name of the numbers
 * @param kind how the colours run
 * @param min the number of the first colour
 * @param max the number of the last colour, above {@code min}
 */
public record ColourScale(String name, Kind kind, double min, double max) {
  /** How colours run. */
  public enum Kind {
    /** From little to much. */
    SEQUENTIAL("#fde725 #90d743 #35b779 #21918c #31688e #443983 #440154"),
    /** From negative over nothing, in the middle, to positive. */
    DIVERGING("#0b5394 #4a90c4 #a9cde4 #f5f5f2 #f6c38b #de8331 #9a4a08");

    private final String colours;

    Kind(String colours) {
      this.colours = colours;
    }

    /** The colours at equal distances, as in CSS. */
    public List<String> colours() {
      return List.of(colours.split(" "));
    }
  }

  /** Widens a range of nothing. */
  public ColourScale {
    if (!(min < max)) {
      max = min + 1;
    }
  }

  /** From the least to the greatest of some numbers. */
  public static ColourScale sequential(String name, double[]... values) {
    double[] known = known(values);
    return new ColourScale(
        name,
        Kind.SEQUENTIAL,
        Arrays.stream(known).min().orElse(0),
        Arrays.stream(known).max().orElse(1));
  }

  /** As far below zero as above it. */
  public static ColourScale diverging(String name, double[]... values) {
    double reach = Arrays.stream(known(values)).map(Math::abs).max().orElse(1);
    reach = reach == 0 ? 1 : reach;
    return new ColourScale(name, Kind.DIVERGING, -reach, reach);
  }

  private static double[] known(double[]... values) {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite).toArray();
  }
}
