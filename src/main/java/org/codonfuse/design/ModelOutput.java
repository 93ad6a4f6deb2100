package org.codonfuse.design;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.CsvTable;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.TargetConfig;

/**
 * What is predicted that a design is about.
 *
 * @param name of the target, or the class
 * @param task what is predicted
 * @param index among the outputs
 * @param several whether the models have several targets
 */
public record ModelOutput(String name, Task task, int index, boolean several) {
  /**
   * Chooses an output.
   *
   * @param wanted {@code --target}: a target, or a class
   * @throws UsageException if there is none of that name, or nothing says which
   */
  public static ModelOutput choose(Ensemble ensemble, Optional<String> wanted) {
    Outputs outputs = ensemble.members().getFirst().outputs();
    boolean classes = outputs.task() == Task.CLASSIFICATION;
    List<String> names =
        classes ? outputs.classes() : outputs.targets().stream().map(TargetConfig::name).toList();
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
                  names.stream().collect(Collectors.joining(", "))));
    }
    return new ModelOutput(names.get(index), outputs.task(), index, !classes && names.size() > 1);
  }

  /**
   * The least and the largest value that a run learned from; empty for classes, and where the run's
   * predictions are not there.
   *
   * @throws CodonfuseException if they are there and cannot be read
   */
  public Optional<DoubleSummaryStatistics> trained(Path run) {
    Path predictions = run.resolve(RunDirectory.PREDICTIONS);
    if (task == Task.CLASSIFICATION || Files.notExists(predictions)) {
      return Optional.empty();
    }
    CsvTable table = CsvTable.read(predictions);
    int split = table.header().indexOf("split");
    int target = table.header().indexOf(several ? "target_" + name : "target");
    if (split < 0 || target < 0) {
      return Optional.empty();
    }
    DoubleSummaryStatistics values =
        table.rows().stream()
            .map(CsvTable.Row::cells)
            .filter(cells -> cells.get(split).equals(Split.TRAIN.label()))
            .map(cells -> cells.get(target))
            .filter(CsvTable::isNumber)
            .mapToDouble(Double::parseDouble)
            .summaryStatistics();
    return values.getCount() == 0 ? Optional.empty() : Optional.of(values);
  }
}
