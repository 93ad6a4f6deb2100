package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;

/**
 * The {@code predictions.csv} of a run.
 *
 * @param ids of the rows
 * @param splits of the rows
 * @param targets {@code [target][row]}, NaN where one is not known; of classes one, their indices
 * @param values {@code [target][row]} predicted numbers, or {@code [class][row]} probabilities
 */
public record RunPredictions(
    List<String> ids, List<Split> splits, List<double[]> targets, List<double[]> values) {
  /** Keeps the lists. */
  public RunPredictions {
    ids = List.copyOf(ids);
    splits = List.copyOf(splits);
    targets = List.copyOf(targets);
    values = List.copyOf(values);
  }

  /**
   * Reads what a run predicted.
   *
   * @param outputs what the run predicts
   * @throws CodonfuseException if it cannot be read
   */
  public static RunPredictions read(Path run, Outputs outputs) {
    RunTable table = RunTable.read(run, RunDirectory.PREDICTIONS);
    boolean classes = outputs.task() == Task.CLASSIFICATION;
    List<String> columns = outputs.columnsWithTargets();
    return new RunPredictions(
        table.column("id", id -> id),
        table.column("split", RunPredictions::split),
        columns.stream()
            .filter(name -> name.startsWith("target"))
            .map(
                name ->
                    classes
                        ? table.column(name, cell -> index(outputs.classes(), cell)).stream()
                            .mapToDouble(index -> index)
                            .toArray()
                        : table.numbers(name))
            .toList(),
        columns.stream()
            .filter(name -> name.startsWith(classes ? "probability_" : "prediction"))
            .map(table::numbers)
            .toList());
  }

  private static Split split(String label) {
    return Split.parse(label)
        .orElseThrow(() -> new IllegalArgumentException("no split '" + label + "'"));
  }

  private static int index(List<String> classes, String name) {
    int index = classes.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("no class '" + name + "'");
    }
    return index;
  }

  /** The rows of a split. */
  public int[] rows(Split split) {
    return IntStream.range(0, ids.size()).filter(row -> splits.get(row) == split).toArray();
  }
}
