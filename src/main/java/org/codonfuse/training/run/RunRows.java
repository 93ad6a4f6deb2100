package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;

/**
 * The rows of a run, as its {@code predictions.csv} has them: in which split each was and what its
 * targets are.
 *
 * @param byId the rows by identifier
 */
public record RunRows(Map<String, Row> byId) {
  /**
   * One row.
   *
   * @param split its split
   * @param targets NaN where one is not known; of a class its index
   */
  public record Row(Split split, List<Double> targets) {}

  /**
   * Reads the rows of a run.
   *
   * @param outputs what the run predicts
   * @return empty if the run has no predictions
   * @throws CodonfuseException if they cannot be read
   */
  public static Optional<RunRows> read(Path run, Outputs outputs) {
    if (Files.notExists(run.resolve(RunDirectory.PREDICTIONS))) {
      return Optional.empty();
    }
    RunPredictions predictions = RunPredictions.read(run, outputs);
    Map<String, Row> rows = new LinkedHashMap<>();
    for (int i = 0; i < predictions.ids().size(); i++) {
      int row = i;
      rows.put(
          predictions.ids().get(i),
          new Row(
              predictions.splits().get(i),
              predictions.targets().stream().map(targets -> targets[row]).toList()));
    }
    return Optional.of(new RunRows(rows));
  }

  /** The identifiers of the rows that were learned from. */
  public Set<String> training() {
    return byId.entrySet().stream()
        .filter(row -> row.getValue().split() == Split.TRAIN)
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Sequences of the file that the run was trained on, in the splits and with the targets that they
   * had; without those that it did not use.
   *
   * @param dataset read without targets
   */
  public Dataset label(Dataset dataset) {
    List<Example> labelled =
        dataset.examples().stream()
            .filter(example -> byId.containsKey(example.id()))
            .map(
                example -> {
                  Row row = byId.get(example.id());
                  return new Example(
                      example.id(), example.sequence(), row.targets(), row.split(), example.line());
                })
            .toList();
    return dataset.withExamples(labelled);
  }
}
