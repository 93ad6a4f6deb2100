package org.codonfuse.design;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.RunRows;
import org.codonfuse.training.run.SavedRun;

/**
 * What is predicted that a design is about.
 *
 * @param name of the target, or the class
 * @param task what is predicted
 * @param index among the outputs
 */
public record ModelOutput(String name, Task task, int index) {
  /**
   * Chooses an output.
   *
   * @param wanted {@code --target}: a target, or a class
   * @throws UsageException if there is none of that name, or nothing says which
   */
  public static ModelOutput choose(Ensemble ensemble, Optional<String> wanted) {
    Outputs outputs = ensemble.members().getFirst().outputs();
    boolean classes = outputs.task() == Task.CLASSIFICATION;
    List<String> names = outputs.outputNames();
    String kind = classes ? "class" : "target";
    int index = wanted.map(names::indexOf).orElse(names.size() == 1 ? 0 : -1);
    if (index < 0) {
      throw new UsageException(
          "%s: %s; choose one with --target: %s."
              .formatted(
                  ensemble.members().getFirst().directory(),
                  wanted
                      .map(name -> "has no " + kind + " '" + name + "'")
                      .orElse("predicts " + names.size() + (classes ? " classes" : " targets")),
                  String.join(", ", names)));
    }
    return new ModelOutput(names.get(index), outputs.task(), index);
  }

  /**
   * The least and the largest value that a run learned from; empty for classes, and where the run's
   * predictions are not there.
   *
   * @throws CodonfuseException if they are there and cannot be read
   */
  Optional<DoubleSummaryStatistics> trained(SavedRun run) {
    if (task == Task.CLASSIFICATION) {
      return Optional.empty();
    }
    return RunRows.read(run.directory(), run.outputs())
        .map(
            rows ->
                rows.byId().values().stream()
                    .filter(row -> row.split() == Split.TRAIN)
                    .mapToDouble(row -> row.targets().get(index))
                    .filter(value -> !Double.isNaN(value))
                    .summaryStatistics())
        .filter(values -> values.getCount() > 0);
  }
}
