package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CsvTable;

/** A table of a run, which is as this program wrote it, or damaged. */
record RunTable(CsvTable csv) {
  static RunTable read(Path run, String name) {
    return new RunTable(CsvTable.read(run.resolve(name)));
  }

  int column(String name) {
    int column = csv.header().indexOf(name);
    if (column < 0) {
      throw new CodonfuseException(
          "%s: has no column '%s'; restore the file or train again.".formatted(csv.source(), name));
    }
    return column;
  }

  /** A column of numbers, NaN where there is none. */
  double[] numbers(String name) {
    return column(name, cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell)).stream()
        .mapToDouble(number -> number)
        .toArray();
  }

  /** A column, each cell as something says, which throws IllegalArgumentException if it cannot. */
  <T> List<T> column(String name, Function<String, T> meaning) {
    int column = column(name);
    return csv.rows().stream().map(row -> cell(row, column, meaning)).toList();
  }

  private <T> T cell(CsvTable.Row row, int column, Function<String, T> meaning) {
    try {
      return meaning.apply(row.cells().get(column));
    } catch (IllegalArgumentException e) {
      throw new CodonfuseException(
          "%s:%d: is damaged (%s); restore the file or train again."
              .formatted(csv.source(), row.line(), e.getMessage()),
          e);
    }
  }
}
