package org.codonfuse.report.chart;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a chart is called and says.
 *
 * @param id of lower-case letters, digits and hyphens; the name of its files, unique in a report
 * @param title a short heading
 * @param description in words what there is to see, for the text below and for those who cannot see
 *     it
 */
public record Caption(String id, String title, String description) {
  private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  /** Checks the id. */
  public Caption {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("No id of a chart: " + id);
    }
  }

  /**
   * An id of any words: what is neither letter nor digit becomes a hyphen.
   *
   * @param words at least one with a letter or digit
   */
  public static String id(String... words) {
    return String.join("-", words)
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-")
        .replaceAll("^-|-$", "");
  }
}
