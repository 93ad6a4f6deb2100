package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CsvTable;
import org.codonfuse.training.Epoch;

/** Reads the {@code history.csv} of a run. */
public final class RunHistory {
  private static final String METRIC = "validation_";

  private RunHistory() {}

  /**
   * The epochs of a run.
   *
   * @param outputs what the run predicts
   * @throws CodonfuseException if they cannot be read
   */
  public static List<Epoch> read(Path run, Outputs outputs) {
    CsvTable table = CsvTable.read(run.resolve(RunDirectory.HISTORY));
    int[] columns =
        List.of(
                "epoch",
                "learning_rate",
                "train_loss",
                "validation_loss",
                METRIC + outputs.headline(),
                "seconds")
            .stream()
            .mapToInt(name -> column(table, name))
            .toArray();
    return table.rows().stream().map(row -> epoch(table, row, columns)).toList();
  }

  private static int column(CsvTable table, String name) {
    int column = table.header().indexOf(name);
    if (column < 0) {
      throw new CodonfuseException(
          "%s: has no column '%s'; restore the file or train again."
              .formatted(table.source(), name));
    }
    return column;
  }

  private static Epoch epoch(CsvTable table, CsvTable.Row row, int[] columns) {
    try {
      List<String> cells = row.cells();
      return new Epoch(
          Integer.parseInt(cells.get(columns[0])),
          Double.parseDouble(cells.get(columns[1])),
          Double.parseDouble(cells.get(columns[2])),
          Double.parseDouble(cells.get(columns[3])),
          Double.parseDouble(cells.get(columns[4])),
          Double.parseDouble(cells.get(columns[5])));
    } catch (NumberFormatException e) {
      throw new CodonfuseException(
          "%s:%d: is damaged (%s); restore the file or train again."
              .formatted(table.source(), row.line(), e.getMessage()),
          e);
    }
  }
}
