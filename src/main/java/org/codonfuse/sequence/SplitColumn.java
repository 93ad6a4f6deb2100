package org.codonfuse.sequence;

import java.util.List;
import org.codonfuse.CodonfuseException;

/** The splits that a file itself gives. */
final class SplitColumn {
  private SplitColumn() {}

  /**
   * One split per record.
   *
   * @throws CodonfuseException if the table has no such column or one says something else
   */
  static List<Split> of(SequenceTable table, List<SequenceRecord> records) {
    String column =
        table
            .splitColumn()
            .orElseThrow(
                () ->
                    new CodonfuseException(
                        table.labels()
                            + ": has no column Split"
                            + (table.columns().isEmpty()
                                ? "; give a CSV file that has one with --labels."
                                : "; choose --split-column among "
                                    + String.join(", ", table.columns())
                                    + ".")));
    return records.stream().map(entry -> split(table, entry, column)).toList();
  }

  private static Split split(SequenceTable table, SequenceRecord entry, String column) {
    String text = entry.split().orElseThrow();
    return Split.parse(text)
        .orElseThrow(
            () ->
                new CodonfuseException(
                    table.whereLabel(entry)
                        + ": '"
                        + text
                        + "' in column '"
                        + column
                        + "' is no split; write train, val or test."));
  }
}
