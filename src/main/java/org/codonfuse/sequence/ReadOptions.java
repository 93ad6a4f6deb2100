package org.codonfuse.sequence;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where in a file the sequences, targets, splits and identifiers are; what is empty is detected.
 *
 * @param sequenceColumn {@code --sequence-column}
 * @param targetColumns {@code --target-column}, which may be given several times
 * @param splitColumn {@code --split-column}
 * @param idColumn {@code --id-column}
 * @param labels {@code --labels}: the CSV that holds identifiers, targets and splits of a FASTA
 *     file
 */
public record ReadOptions(
    Optional<String> sequenceColumn,
    List<String> targetColumns,
    Optional<String> splitColumn,
    Optional<String> idColumn,
    Optional<Path> labels) {
  public ReadOptions {
    targetColumns = List.copyOf(targetColumns);
  }

  /** Everything detected. */
  public static ReadOptions detect() {
    return new ReadOptions(
        Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** These options with the columns of the targets. */
  public ReadOptions withTargetColumns(List<String> columns) {
    return new ReadOptions(sequenceColumn, columns, splitColumn, idColumn, labels);
  }
}
