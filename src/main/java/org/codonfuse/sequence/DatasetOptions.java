package org.codonfuse.sequence;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.codonfuse.UsageException;

/**
 * How the records of a file become examples.
 *
 * @param task what is predicted; empty: classification if no target is a number
 * @param classes the classes in the order of their index; empty: those of the file
 * @param maxLength sequences with more nucleotides are removed
 * @param truncateTo sequences with more nucleotides are cut, see {@link CodingSequence#truncate}
 * @param code the genetic code of the diagnostics
 * @param split how the rows are divided
 * @param training whether something is learned: all three splits are needed and the targets must
 *     vary. Otherwise every split that occurs needs two rows, and {@link SplitPolicy.Auto} without
 *     a split column makes every row a test row
 */
public record DatasetOptions(
    Optional<Task> task,
    List<String> classes,
    OptionalInt maxLength,
    OptionalInt truncateTo,
    GeneticCode code,
    SplitPolicy split,
    boolean training) {

  /**
   * @throws UsageException if a limit leaves no codon
   */
  public DatasetOptions {
    classes = List.copyOf(classes);
    if (maxLength.orElse(3) < 3 || truncateTo.orElse(3) < 3) {
      throw new UsageException(
          "a length limit of "
              + Math.min(maxLength.orElse(3), truncateTo.orElse(3))
              + " nt leaves no codon; give at least 3.");
    }
  }

  /** For training: no limits, the standard code, the file's splits or random ones. */
  public static DatasetOptions training(long seed) {
    return new DatasetOptions(
        Optional.empty(),
        List.of(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        GeneticCode.standard(),
        new SplitPolicy.Auto(seed),
        true);
  }

  /** For the evaluation of, or predictions with, a model of this task and these classes. */
  public static DatasetOptions evaluation(Task task, List<String> classes) {
    return new DatasetOptions(
        Optional.of(task),
        classes,
        OptionalInt.empty(),
        OptionalInt.empty(),
        GeneticCode.standard(),
        new SplitPolicy.Auto(0),
        false);
  }

  /** These options with a limit above which sequences are truncated. */
  public DatasetOptions withTruncateTo(int nucleotides) {
    return new DatasetOptions(
        task, classes, maxLength, OptionalInt.of(nucleotides), code, split, training);
  }

  /** These options with a genetic code. */
  public DatasetOptions withCode(GeneticCode value) {
    return new DatasetOptions(task, classes, maxLength, truncateTo, value, split, training);
  }
}
