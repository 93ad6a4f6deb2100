package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.codonfuse.sequence.ReadOptions;
import picocli.CommandLine.Option;

/** Where in a file of sequences things are. */
final class DataOptions {
  @Option(
      names = "--sequence-column",
      paramLabel = "NAME",
      description = "Column of sequences (default: Sequence, CDS, RNA and the like).")
  private Optional<String> sequenceColumn = Optional.empty();

  @Option(
      names = "--target-column",
      paramLabel = "NAME",
      description =
          "Column of targets (default: Value, Target, Label and the like); repeat it for several,"
              + " in which values may be missing.")
  private List<String> targetColumns = List.of();

  @Option(
      names = "--split-column",
      paramLabel = "NAME",
      description = "Column with train, val, test (default: Split).")
  private Optional<String> splitColumn = Optional.empty();

  @Option(
      names = "--id-column",
      paramLabel = "NAME",
      description = "Column of identifiers (default: Id, Name; else the row number).")
  private Optional<String> idColumn = Optional.empty();

  @Option(
      names = "--labels",
      paramLabel = "CSV",
      description = "Identifiers, targets and splits of a FASTA file.")
  private Optional<Path> labels = Optional.empty();

  ReadOptions read() {
    return new ReadOptions(sequenceColumn, targetColumns, splitColumn, idColumn, labels);
  }
}
