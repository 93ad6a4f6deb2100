package org.codonfuse.design;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.Spelling;
import org.codonfuse.UsageException;

/**
 * What common restriction enzymes recognise.
 *
 * @see <a href="http://rebase.neb.com">REBASE</a>, the source of the table
 */
public final class RestrictionSites {
  private static final NavigableMap<String, String> SITES = read();

  private RestrictionSites() {}

  private static NavigableMap<String, String> read() {
    NavigableMap<String, String> sites = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    try (InputStream in =
            Objects.requireNonNull(RestrictionSites.class.getResourceAsStream("enzymes.csv"));
        CSVParser parser =
            CSVParser.builder()
                .setReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                .setFormat(CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get())
                .get()) {
      for (CSVRecord line : parser) {
        sites.put(line.get("enzyme"), line.get("site"));
      }
    } catch (IOException e) {
      throw new AssertionError("a resource of this program", e);
    }
    return sites;
  }

  /** The names of the enzymes, in alphabetical order. */
  public static Collection<String> enzymes() {
    return SITES.keySet();
  }

  /**
   * The site of an enzyme.
   *
   * @param option that it was named with, for messages
   * @param enzyme its name, in either case
   * @throws UsageException if it is not in the table
   */
  public static Motif of(String option, String enzyme) {
    String site = SITES.get(enzyme.strip());
    if (site == null) {
      throw new UsageException(
          "%s %s: is an enzyme that is not in the table%s; give its site with --avoid-motif and"
                  .formatted(option, enzyme, near(enzyme.strip()))
              + " --both-strands.");
    }
    return new Motif(SITES.floorKey(enzyme.strip()), site.replace('T', 'U'));
  }

  private static String near(String enzyme) {
    String wanted = enzyme.toLowerCase(Locale.ROOT);
    String beginning = wanted.substring(0, Math.min(3, wanted.length()));
    String alike =
        SITES.keySet().stream()
            .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(beginning))
            .limit(8)
            .collect(Collectors.joining(", "));
    return !alike.isEmpty()
        ? " (it has " + alike + ")"
        : Spelling.nearest(enzyme, SITES.keySet())
            .map(name -> " (did you mean " + name + "?)")
            .orElse("");
  }
}
