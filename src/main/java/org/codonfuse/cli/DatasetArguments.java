package org.codonfuse.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.SplitPolicy;
import picocli.CommandLine.Option;

/** How the rows of a file become training, validation and test examples. */
final class DatasetArguments {
  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "auto",
      description = "auto, regression or classification (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(
      names = "--split",
      paramLabel = "POLICY",
      defaultValue = "auto",
      description = {
        "column; random:, stratified: (by target) or cluster:TRAIN,VALIDATION shares; kfold:,"
            + " stratified-kfold: or cluster-kfold:FOLD/FOLDS; or auto: the column if there is one,"
            + " else random:0.7,0.15 (default: ${DEFAULT-VALUE}).",
        "cluster puts similar sequences into the same split; a third number is the similarity"
            + " (of 10-mers, from 0.1 to 1; default 0.5)."
      })
  private String split;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Leave out sequences with more nucleotides (default: keep all, truncated).")
  private Optional<Integer> maxLength = Optional.empty();

  @Option(
      names = "--genetic-code",
      paramLabel = "N",
      defaultValue = "1",
      description = "NCBI translation table (default: ${DEFAULT-VALUE}).")
  private int geneticCode;

  /**
   * What was given.
   *
   * @param seed of random splits
   * @param training whether something is learned
   */
  DatasetOptions options(long seed, boolean training) {
    maxLength.ifPresent(n -> Ranges.atLeast("--max-length", n, 3));
    return new DatasetOptions(
        Tasks.parse(task),
        List.of(),
        maxLength.map(OptionalInt::of).orElse(OptionalInt.empty()),
        OptionalInt.empty(),
        GeneticCode.of(geneticCode),
        SplitPolicy.parse(split, seed),
        training);
  }
}
