package org.codonfuse.sequence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;

/**
 * A table with a header line: comma, tab or semicolon between the cells (told by the header), RFC
 * 4180 quotes, UTF-8 with or without BOM, plain or gzip. Outer white space of cells and blank lines
 * are dropped.
 *
 * @param source the file, for messages
 * @param header the names of the columns
 * @param rows at least one, each with as many cells as the header
 */
public record CsvTable(Path source, List<String> header, List<Row> rows) {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
  private static final Pattern BREAK = Pattern.compile("\\r\\n|\\r|\\n");

  /**
   * One row.
   *
   * @param line the line on which it begins, from 1
   * @param cells the text of its cells
   */
  public record Row(long line, List<String> cells) {}

  /**
   * Reads a table.
   *
   * @throws CodonfuseException if it cannot be read, is malformed, or has no row
   */
  public static CsvTable read(Path path) {
    try (TextSource source = TextSource.open(path)) {
      return read(source);
    }
  }

  static CsvTable read(TextSource source) {
    Path path = source.path();
    long[] line = {1};
    var rows = new ArrayList<Row>();
    try {
      CSVFormat format =
          CSVFormat.RFC4180
              .builder()
              .setDelimiter(delimiter(source.peek()))
              .setIgnoreEmptyLines(true)
              .get();
      try (CSVParser parser =
          CSVParser.builder().setReader(source.reader()).setFormat(format).get()) {
        Iterator<CSVRecord> records = parser.iterator();
        while (records.hasNext()) {
          CSVRecord raw = records.next();
          line[0] = parser.getCurrentLineNumber() + 1;
          long begin =
              parser.getCurrentLineNumber() - raw.stream().mapToLong(CsvTable::breaks).sum();
          List<String> cells = raw.stream().map(String::strip).toList();
          List<String> header = rows.isEmpty() ? List.of() : rows.getFirst().cells();
          if (isBlank(cells, header)) {
            continue;
          }
          if (!rows.isEmpty()) {
            check(path, begin, cells, header);
          }
          rows.add(new Row(begin, cells));
        }
      }
    } catch (UncheckedIOException e) {
      throw malformed(path, line[0], e.getCause());
    } catch (IOException e) {
      throw malformed(path, line[0], e);
    }
    if (rows.isEmpty()) {
      throw new CodonfuseException(path + ": is empty; give a table with a header and rows.");
    }
    List<String> header = rows.removeFirst().cells();
    if (rows.isEmpty()) {
      throw new CodonfuseException(path + ": has a header line and no rows; give it at least one.");
    }
    return new CsvTable(path, header, List.copyOf(rows));
  }

  /** Whether it is a line of white space, which is an empty cell where there is one column. */
  private static boolean isBlank(List<String> cells, List<String> header) {
    return header.size() != 1 && cells.size() == 1 && cells.getFirst().isEmpty();
  }

  private static void check(Path path, long line, List<String> cells, List<String> header) {
    if (cells.size() != header.size()) {
      throw new CodonfuseException(
          path
              + ":"
              + line
              + ": has "
              + cells.size()
              + (cells.size() == 1 ? " cell" : " cells")
              + " where the header has "
              + header.size()
              + "; correct the row and put cells that hold delimiters in double quotes.");
    }
  }

  private static CodonfuseException malformed(Path path, long line, IOException e) {
    boolean ofTheFile = e instanceof CharacterCodingException || e instanceof ZipException;
    if (ofTheFile
        || !(e instanceof CSVException || String.valueOf(e.getMessage()).contains("token"))) {
      return TextSource.failure(path, e);
    }
    String message = String.valueOf(e.getMessage());
    return new CodonfuseException(
        path
            + ":"
            + line
            + ": "
            + (message.contains("EOF")
                ? "a double quote is opened and never closed; close or remove it."
                : "text follows a closing double quote; double the quotes inside a quoted cell."),
        e);
  }

  private static long breaks(String cell) {
    return BREAK.matcher(cell).results().count();
  }

  private static char delimiter(String text) {
    String header =
        QUOTED
            .matcher(text.lines().filter(line -> !line.isBlank()).findFirst().orElse(""))
            .replaceAll("");
    char best = ',';
    for (char candidate : new char[] {'\t', ';'}) {
      if (count(header, candidate) > count(header, best)) {
        best = candidate;
      }
    }
    return best;
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(c -> c == wanted).count();
  }

  /** Whether a cell is a decimal number, such as 1, -.5 or 6e-1; NaN and infinities are not. */
  public static boolean isNumber(String cell) {
    return NUMBER.matcher(cell).matches();
  }

  /**
   * The index of the column that an option names, exactly or else in another case.
   *
   * @param option the option, for messages
   * @throws UsageException if there is none or more than one
   */
  public int column(String name, String option) {
    List<Integer> exact = indices(name, false);
    List<Integer> found = exact.isEmpty() ? indices(name, true) : exact;
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new UsageException(
        source
            + ": has "
            + (found.isEmpty() ? "no column" : found.size() + " columns")
            + " '"
            + name
            + "'; "
            + choose(option));
  }

  /**
   * The index of the one column whose name is among {@code candidates}, in any case.
   *
   * @param option the option that would choose, for messages
   * @throws CodonfuseException if there is more than one
   */
  public OptionalInt detect(List<String> candidates, String option) {
    List<Integer> found =
        candidates.stream().flatMap(candidate -> indices(candidate, true).stream()).toList();
    if (found.size() > 1) {
      throw new CodonfuseException(
          source
              + ": the columns "
              + String.join(" and ", found.stream().map(header::get).toList())
              + " are both candidates; "
              + choose(option));
    }
    return found.isEmpty() ? OptionalInt.empty() : OptionalInt.of(found.getFirst());
  }

  OptionalInt find(Optional<String> requested, List<String> candidates, String option) {
    return requested.isPresent()
        ? OptionalInt.of(column(requested.get(), option))
        : detect(candidates, option);
  }

  /** The end of a message about a column: the option to choose it with and what there is. */
  public String choose(String option) {
    return "choose " + option + " among " + String.join(", ", header) + ".";
  }

  private List<Integer> indices(String name, boolean anyCase) {
    var found = new ArrayList<Integer>();
    for (int i = 0; i < header.size(); i++) {
      if (anyCase ? header.get(i).equalsIgnoreCase(name) : header.get(i).equals(name)) {
        found.add(i);
      }
    }
    return found;
  }
}
