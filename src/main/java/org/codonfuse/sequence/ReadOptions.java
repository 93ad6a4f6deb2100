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
}
