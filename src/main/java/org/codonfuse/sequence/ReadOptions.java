package org.codonfuse.sequence;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where in a file the sequences, targets, splits and identifiers are; what is empty is detected.
 *
 * @param sequenceColumn {@code --sequence-column}
 * @param targetColumn {@code --target-column}
 * @param splitColumn {@code --split-column}
 * @param idColumn {@code --id-column}
 * @param labels {@code --labels}: the CSV that holds identifiers, targets and splits of a FASTA
 *     file
 */
public record ReadOptions(
    Optional<String> sequenceColumn,
    Optional<String> targetColumn,
    Optional<String> splitColumn,
    Optional<String> idColumn,
    Optional<Path> labels) {

  /** Everything detected. */
  public static ReadOptions detect() {
    return new ReadOptions(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** These options with a sequence column. */
  public ReadOptions withSequenceColumn(String column) {
    return new ReadOptions(Optional.of(column), targetColumn, splitColumn, idColumn, labels);
  }

  /** These options with a target column. */
  public ReadOptions withTargetColumn(String column) {
    return new ReadOptions(sequenceColumn, Optional.of(column), splitColumn, idColumn, labels);
  }

  /** These options with a split column. */
  public ReadOptions withSplitColumn(String column) {
    return new ReadOptions(sequenceColumn, targetColumn, Optional.of(column), idColumn, labels);
  }

  /** These options with an identifier column. */
  public ReadOptions withIdColumn(String column) {
    return new ReadOptions(sequenceColumn, targetColumn, splitColumn, Optional.of(column), labels);
  }

  /** These options with a table of labels. */
  public ReadOptions withLabels(Path table) {
    return new ReadOptions(sequenceColumn, targetColumn, splitColumn, idColumn, Optional.of(table));
  }
}
