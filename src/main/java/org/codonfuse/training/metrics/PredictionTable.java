package org.codonfuse.training.metrics;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.CsvTable;

/** A table of predictions: at least two rows, and where each is for messages. */
public final class PredictionTable {
  private final CsvTable table;

  private PredictionTable(CsvTable table) {
    this.table = table;
  }

  /**
   * Reads a table as {@link CsvTable#read} does.
   *
   * @throws CodonfuseException if it cannot be read, is malformed, or has fewer than two rows
   */
  public static PredictionTable read(Path path) {
    CsvTable table = CsvTable.read(path);
    if (table.rows().size() < 2) {
      throw new CodonfuseException(
          path + ": has one row, but metrics need at least two; give more predictions.");
    }
    return new PredictionTable(table);
  }

  Path path() {
    return table.source();
  }

  List<String> header() {
    return table.header();
  }

  int rows() {
    return table.rows().size();
  }

  /** The column of the first of some lower-case names that the header has in any case. */
  OptionalInt column(Collection<String> names) {
    List<String> header = header().stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    return names.stream().mapToInt(header::indexOf).filter(column -> column >= 0).findFirst();
  }

  /**
   * The column that an option names.
   *
   * @throws UsageException if there is none
   */
  int column(String name, String option) {
    return table.column(name, option);
  }

  /** What to do about a column that was not found. */
  String choose(String option) {
    return table.choose(option);
  }

  /** A cell, possibly empty. */
  String text(int row, int column) {
    return table.rows().get(row).cells().get(column);
  }

  boolean isNumber(int row, int column) {
    return CsvTable.isNumber(text(row, column));
  }

  /** A cell that must be a number. */
  double number(int row, int column) {
    double value = isNumber(row, column) ? Double.parseDouble(text(row, column)) : Double.NaN;
    if (!Double.isFinite(value)) {
      throw at(
          row,
          "column '%s' has %s where a number is needed; correct or remove the row."
              .formatted(
                  header().get(column),
                  text(row, column).isEmpty() ? "nothing" : "'" + text(row, column) + "'"));
    }
    return value;
  }

  /** A cell that must name a class; 1.0 is the class 1. */
  String label(int row, int column) {
    String text = text(row, column);
    if (text.isEmpty()) {
      throw at(
          row,
          "column '%s' has nothing where a class is needed; correct or remove the row."
              .formatted(header().get(column)));
    }
    return text.replaceFirst("^([+-]?\\d+)\\.0*$", "$1");
  }

  CodonfuseException at(int row, String what) {
    return new CodonfuseException(path() + ":" + table.rows().get(row).line() + ": " + what);
  }
}
