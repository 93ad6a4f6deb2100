package org.codonfuse.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.SplitPolicy;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.ClassWeights;

/**
 * A data set of an experiment: a column of its table.
 *
 * @param name in the table
 * @param file sequences with targets
 * @param reading where in the file they are
 * @param task what is predicted; detected if empty
 * @param split how the rows are divided, as {@link SplitPolicy#parse} reads it; with folds a column
 *     of splits is of no account
 * @param splitSeed of that: one for all seeds, so that all models are measured on the same rows
 * @param maxLength sequences with more nucleotides are left out
 * @param geneticCode NCBI's number
 * @param classWeights how much classes count in the loss of what is trained
 * @param published the column of published results to show beside it
 */
public record DataPlan(
    String name,
    Path file,
    ReadOptions reading,
    Optional<Task> task,
    String split,
    long splitSeed,
    OptionalInt maxLength,
    int geneticCode,
    ClassWeights classWeights,
    Optional<String> published) {
  /** The same data set in another place. */
  DataPlan at(Path place) {
    return new DataPlan(
        name,
        place,
        reading,
        task,
        split,
        splitSeed,
        maxLength,
        geneticCode,
        classWeights,
        published);
  }

  /** A file whose columns, task and split are detected, under its own name. */
  static DataPlan detected(Path file) {
    return new DataPlan(
        String.valueOf(file.getFileName()).replaceFirst("(\\.[A-Za-z0-9]{1,5}){1,2}$", ""),
        file,
        ReadOptions.detect(),
        Optional.empty(),
        "auto",
        1,
        OptionalInt.empty(),
        1,
        new ClassWeights.None(),
        Optional.empty());
  }

  /**
   * How its rows become examples.
   *
   * @param folds number of folds of a cross-validation; 0 if there is none
   * @param fold the one that is the test
   */
  DatasetOptions options(int folds, int fold) {
    return new DatasetOptions(
        task,
        List.of(),
        maxLength,
        OptionalInt.empty(),
        GeneticCode.of(geneticCode),
        folds == 0
            ? SplitPolicy.parse(split, splitSeed)
            : new SplitPolicy.KFold(splitSeed, folds, fold),
        true);
  }
}
