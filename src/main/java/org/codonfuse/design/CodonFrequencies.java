package org.codonfuse.design;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.CsvTable;
import org.codonfuse.sequence.GeneticCode;

/**
 * How often an organism uses each codon.
 *
 * @param source the file, for messages
 * @param frequencies by the index of the codon, see {@link Codons}, in any unit
 */
public record CodonFrequencies(Path source, List<Double> frequencies) {
  private static final String CODON_OPTION = "a column named codon";
  private static final List<String> CODON = List.of("codon", "triplet");
  private static final List<String> FREQUENCY =
      List.of("frequency", "freq", "fraction", "per thousand", "per_thousand", "count", "number");

  /** {@code UUU 17.6(714298)}, or with the amino acid {@code UUU F 0.46 17.6 (714298)}. */
  private static final Pattern CUTG =
      Pattern.compile(
          "\\b([ACGTU]{3})\\s+(?:[A-Z*]\\s+[\\d.]+\\s+)?(\\d+(?:\\.\\d+)?)\\s*\\(\\s*\\d+\\s*\\)");

  public CodonFrequencies {
    frequencies = List.copyOf(frequencies);
  }

  /**
   * Reads a CSV with the columns codon and frequency, or a table as the Codon Usage Database
   * (Kazusa) shows it.
   *
   * @throws CodonfuseException if it is neither, or a codon is missing or there twice
   */
  public static CodonFrequencies read(Path file) {
    double[] frequencies = new double[Codons.COUNT];
    Arrays.fill(frequencies, Double.NaN);
    String text = text(file);
    Matcher matcher = CUTG.matcher(text.toUpperCase(Locale.ROOT));
    if (matcher.find()) {
      do {
        long line = text.substring(0, matcher.start()).lines().count();
        put(frequencies, file + ":" + Math.max(1, line), matcher.group(1), matcher.group(2));
      } while (matcher.find());
    } else {
      readCsv(file, frequencies);
    }
    for (int codon = 0; codon < Codons.COUNT; codon++) {
      if (Double.isNaN(frequencies[codon])) {
        throw new CodonfuseException(
            "%s: has no frequency of %s; give those of all 64 codons."
                .formatted(file, Codons.letters(codon)));
      }
    }
    return new CodonFrequencies(file, Arrays.stream(frequencies).boxed().toList());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      throw new CodonfuseException(
          file + ": is not text in UTF-8; give a CSV with the columns codon and frequency.", e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static void readCsv(Path file, double[] frequencies) {
    CsvTable table = CsvTable.read(file);
    OptionalInt codon = table.detect(CODON, CODON_OPTION);
    OptionalInt frequency = table.detect(FREQUENCY, "one");
    if (codon.isEmpty() || frequency.isEmpty()) {
      throw new CodonfuseException(
          file
              + ": is no table of codon usage; give a CSV with the columns codon and frequency, or"
              + " a table of the Codon Usage Database.");
    }
    for (CsvTable.Row row : table.rows()) {
      put(
          frequencies,
          file + ":" + row.line(),
          row.cells().get(codon.getAsInt()),
          row.cells().get(frequency.getAsInt()));
    }
  }

  private static void put(double[] frequencies, String where, String codon, String frequency) {
    String letters = codon.toUpperCase(Locale.ROOT).replace('T', 'U');
    int index = letters.matches("[UCAG]{3}") ? Codons.index(letters, 0) : -1;
    double value = CsvTable.isNumber(frequency) ? Double.parseDouble(frequency) : Double.NaN;
    if (index < 0 || !(value >= 0 && Double.isFinite(value))) {
      throw new CodonfuseException(
          "%s: '%s' with the frequency '%s' is no codon with a number of 0 or more; correct it."
              .formatted(where, codon, frequency));
    }
    if (!Double.isNaN(frequencies[index])) {
      throw new CodonfuseException(
          "%s: the codon %s is there twice; remove one.".formatted(where, letters));
    }
    frequencies[index] = value;
  }

  /**
   * The frequency of a codon as a part of that of its most frequent synonym: 1 for the most
   * frequent, and for all where none is used.
   */
  public double relative(int codon, GeneticCode code) {
    double most = 0;
    for (int other = 0; other < Codons.COUNT; other++) {
      if (code.translate(other) == code.translate(codon)) {
        most = Math.max(most, frequencies.get(other));
      }
    }
    return most == 0 ? 1 : frequencies.get(codon) / most;
  }
}
