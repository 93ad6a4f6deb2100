package org.codonfuse.report;

import java.util.List;
import java.util.Optional;
import org.codonfuse.training.metrics.Interval;
import org.codonfuse.training.metrics.MetricReport.Metric;

/**
 * A table with a row per thing.
 *
 * @param id of lower-case letters, digits and hyphens, unique in the report
 * @param caption what it shows, a sentence
 * @param columns the names of the columns; the first is that of the rows' names
 * @param rows each with a cell per column
 */
record DataTable(String id, String caption, List<String> columns, List<List<Cell>> rows) {
  DataTable {
    if (rows.stream().anyMatch(row -> row.size() != columns.size())) {
      throw new IllegalArgumentException("Rows of the table " + id + " have other lengths");
    }
  }

  /**
   * A cell.
   *
   * @param text what is shown
   * @param note what is shown smaller beside it, such as an interval
   * @param number what rows are sorted by; empty for the text itself
   */
  record Cell(String text, String note, Optional<Double> number) {
    static final String NOTHING = "–";

    static Cell text(String text) {
      return new Cell(text, "", Optional.empty());
    }

    static Cell count(long number) {
      return new Cell(Numbers.count(number), "", Optional.of((double) number));
    }

    /** Three digits after the point; a dash if it is not finite. */
    static Cell number(double value) {
      return Double.isFinite(value)
          ? new Cell(Numbers.three(value), "", Optional.of(value))
          : new Cell(NOTHING, "", Optional.of(Double.NaN));
    }

    /** Four digits that say something; a dash if it is not finite. */
    static Cell brief(double value) {
      return Double.isFinite(value)
          ? new Cell(Numbers.brief(value), "", Optional.of(value))
          : number(value);
    }

    /** One digit after the point; a dash if it is not finite. */
    static Cell one(double value) {
      return Double.isFinite(value)
          ? new Cell(Numbers.one(value), "", Optional.of(value))
          : number(value);
    }

    /** A p-value; small ones as such. */
    static Cell p(double value) {
      return value < 0.001 ? new Cell("< 0.001", "", Optional.of(value)) : number(value);
    }

    /** A value and the interval about it. */
    static Cell metric(Metric metric) {
      return number(metric.value()).withNote(metric.interval());
    }

    /** The same with an interval beside it. */
    Cell withNote(Optional<Interval> interval) {
      return new Cell(
          text,
          interval
              .filter(i -> Double.isFinite(i.low()) && Double.isFinite(i.high()))
              .map(i -> "%s to %s".formatted(Numbers.three(i.low()), Numbers.three(i.high())))
              .orElse(""),
          number);
    }

    boolean isNumber() {
      return number.isPresent();
    }
  }
}
