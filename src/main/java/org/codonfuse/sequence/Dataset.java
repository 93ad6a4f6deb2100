package org.codonfuse.sequence;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;

/**
 * Clean sequences with targets and splits.
 *
 * @param source the file they come from
 * @param task what is predicted
 * @param targets the names of the targets, as many as every example has; empty where targets are
 *     not known
 * @param classes the classes by index, empty for regression
 * @param examples in the order of the file
 * @param diagnostics what cleaning found
 */
public record Dataset(
    Path source,
    Task task,
    List<String> targets,
    List<String> classes,
    List<Example> examples,
    Diagnostics diagnostics) {
  public Dataset {
    targets = List.copyOf(targets);
    classes = List.copyOf(classes);
    examples = List.copyOf(examples);
  }

  /**
   * Reads sequences and targets.
   *
   * @throws CodonfuseException if the file or a row of it cannot be used
   */
  public static Dataset load(Path path, ReadOptions reading, DatasetOptions options) {
    return DatasetLoader.labelled(SequenceReader.read(path, reading), options);
  }

  /**
   * Reads sequences to predict for: targets are NaN whether or not the file has some, and every
   * example is a test.
   *
   * @throws CodonfuseException if the file or a row of it cannot be used
   */
  public static Dataset loadUnlabelled(Path path, ReadOptions reading, DatasetOptions options) {
    return DatasetLoader.unlabelled(SequenceReader.readUnlabelled(path, reading), options);
  }

  /**
   * Whether a file says what is to be predicted, so that {@link #load} can read it: a column was
   * chosen for it, or one is named like a target.
   *
   * @throws CodonfuseException if it cannot be read
   */
  public static boolean hasTargets(Path path, ReadOptions reading) {
    return SequenceReader.hasTargets(path, reading);
  }

  /** The same data set with other examples. */
  public Dataset withExamples(List<Example> others) {
    return new Dataset(source, task, targets, classes, others, diagnostics);
  }

  /** The examples of one split, in the order of the file. */
  public List<Example> of(Split split) {
    return Arrays.stream(indices(split)).mapToObj(examples::get).toList();
  }

  /** The indices in {@link #examples} of one split, ascending. */
  public int[] indices(Split split) {
    return IntStream.range(0, examples.size())
        .filter(i -> examples.get(i).split() == split)
        .toArray();
  }
}
