package org.codonfuse.sequence;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The records of a CSV or FASTA file, in its order, with unique identifiers.
 *
 * @param source the file of the sequences, for messages
 * @param labels the file of the targets and splits: the same for CSV, the label table for FASTA
 * @param records at least one
 * @param columns the header of the table that the targets can come from; empty for FASTA alone
 * @param targetColumns the columns that the targets were taken from; empty if there is none
 * @param splitColumn the column that the splits were taken from
 * @param unusedLabels rows of a label table that name no sequence
 */
public record SequenceTable(
    Path source,
    Path labels,
    List<SequenceRecord> records,
    List<String> columns,
    List<String> targetColumns,
    Optional<String> splitColumn,
    int unusedLabels) {
  public SequenceTable {
    records = List.copyOf(records);
    columns = List.copyOf(columns);
    targetColumns = List.copyOf(targetColumns);
  }

  /** The place of a sequence for messages: file and line. */
  public String where(SequenceRecord entry) {
    return source + ":" + entry.line();
  }

  /** The place of a target and split for messages: file and line. */
  public String whereLabel(SequenceRecord entry) {
    return labels + ":" + entry.labelLine();
  }
}
