package org.codonfuse.training.metrics;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/**
 * A CSV file of predictions: a header and at least two rows, separated by commas, semicolons or
 * tabs, whichever the header holds most of. Knows the line of every row for its messages.
 */
public final class PredictionTable {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private final Path path;
  private final List<String> header;
  private final List<Row> rows;

  private record Row(long line, List<String> cells) {}

  private PredictionTable(Path path, List<String> header, List<Row> rows) {
    this.path = path;
    this.header = header;
    this.rows = rows;
  }

  /**
   * Reads a file, UTF-8 with or without a byte order mark. Cells are trimmed, empty lines skipped.
   *
   * @throws CodonfuseException if it cannot be read, has fewer than two rows, or one of another
   *     width than the header
   */
  public static PredictionTable read(Path path) {
    try {
      char delimiter = delimiter(path);
      CSVFormat format =
          CSVFormat.DEFAULT
              .builder()
              .setDelimiter(delimiter)
              .setIgnoreEmptyLines(false)
              .setTrim(true)
              .get();
      try (Reader in = Files.newBufferedReader(path);
          CSVParser parser = format.parse(in)) {
        return read(path, parser);
      }
    } catch (UncheckedIOException e) {
      throw unreadable(path, e.getCause());
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static PredictionTable read(Path path, CSVParser parser) {
    List<Row> rows = new ArrayList<>();
    Iterator<CSVRecord> records = parser.iterator();
    for (long line = 1; records.hasNext(); line = parser.getCurrentLineNumber() + 1) {
      List<String> cells = records.next().toList();
      if (cells.size() > 1 || !cells.getFirst().isEmpty()) {
        rows.add(new Row(line, cells));
      }
    }
    if (rows.isEmpty()) {
      throw new CodonfuseException(
          path + ": empty; give a CSV file with a prediction and a target column.");
    }
    List<String> header = new ArrayList<>(rows.removeFirst().cells());
    header.set(0, header.getFirst().replace("\ufeff", "").strip());
    for (Row row : rows) {
      if (row.cells().size() != header.size()) {
        throw new CodonfuseException(
            "%s:%d: %d cells where the header has %d; check the separators and quotes."
                .formatted(path, row.line(), row.cells().size(), header.size()));
      }
    }
    if (rows.size() < 2) {
      throw new CodonfuseException(
          "%s: %s, but metrics need at least two; give more predictions."
              .formatted(path, rows.isEmpty() ? "no rows" : "one row"));
    }
    return new PredictionTable(path, List.copyOf(header), rows);
  }

  private static char delimiter(Path path) throws IOException {
    try (var in = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      String first = in.readLine();
      char best = ',';
      for (char candidate : new char[] {';', '\t'}) {
        if (first != null && count(first, candidate) > count(first, best)) {
          best = candidate;
        }
      }
      return best;
    }
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(c -> c == wanted).count();
  }

  private static CodonfuseException unreadable(Path path, IOException e) {
    String what =
        switch (e) {
          case CSVException _ -> "is not CSV (" + e.getMessage() + "); check its quotes.";
          case CharacterCodingException _ -> "is not UTF-8 text; save it as UTF-8.";
          default -> "cannot be read (" + AtomicFiles.reason(e) + "); check the path.";
        };
    return new CodonfuseException(path + ": " + what, e);
  }

  Path path() {
    return path;
  }

  List<String> header() {
    return header;
  }

  int rows() {
    return rows.size();
  }

  /** The column of the first of some names that the header has, whatever its case. */
  OptionalInt column(Collection<String> names) {
    for (String name : names) {
      for (int i = 0; i < header.size(); i++) {
        if (header.get(i).toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
          return OptionalInt.of(i);
        }
      }
    }
    return OptionalInt.empty();
  }

  String columns() {
    return header.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
  }

  /** A cell, possibly empty. */
  String text(int row, int column) {
    return rows.get(row).cells().get(column);
  }

  boolean isNumber(int row, int column) {
    return NUMBER.matcher(text(row, column)).matches();
  }

  /** A cell that must be a number. */
  double number(int row, int column) {
    double value = isNumber(row, column) ? Double.parseDouble(text(row, column)) : Double.NaN;
    if (!Double.isFinite(value)) {
      throw at(
          row,
          "column \"%s\" has %s where a number is needed; correct or remove the row."
              .formatted(
                  header.get(column),
                  text(row, column).isEmpty() ? "nothing" : '"' + text(row, column) + '"'));
    }
    return value;
  }

  /** A cell that must name a class; 1.0 is the class 1. */
  String label(int row, int column) {
    String text = text(row, column);
    if (text.isEmpty()) {
      throw at(
          row,
          "column \"%s\" has nothing where a class is needed; correct or remove the row."
              .formatted(header.get(column)));
    }
    return text.replaceFirst("^([+-]?\\d+)\\.0*$", "$1");
  }

  CodonfuseException at(int row, String what) {
    return new CodonfuseException(path + ":" + rows.get(row).line() + ": " + what);
  }
}
