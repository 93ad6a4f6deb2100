package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CsvTable;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;

/**
 * The rows of a run, as its {@code predictions.csv} has them: in which split each was and what its
 * targets are.
 *
 * @param file where they were read from
 * @param byId the rows by identifier
 */
public record RunRows(Path file, Map<String, Row> byId) {
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
    Path file = run.resolve(RunDirectory.PREDICTIONS);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    CsvTable table = CsvTable.read(file);
    int id = column(table, "id");
    int split = column(table, "split");
    List<Integer> targets = new ArrayList<>();
    outputs.columnsWithTargets().stream()
        .filter(name -> name.equals("target") || name.startsWith("target_"))
        .forEach(name -> targets.add(column(table, name)));
    Map<String, Row> rows = new LinkedHashMap<>();
    for (CsvTable.Row row : table.rows()) {
      try {
        rows.put(
            row.cells().get(id),
            new Row(
                split(row.cells().get(split)),
                targets.stream().map(c -> value(row.cells().get(c), outputs)).toList()));
      } catch (IllegalArgumentException e) {
        throw new CodonfuseException(
            "%s:%d: is damaged (%s); restore the file or train again."
                .formatted(file, row.line(), e.getMessage()),
            e);
      }
    }
    return Optional.of(new RunRows(file, rows));
  }

  private static int column(CsvTable table, String name) {
    int column = table.header().indexOf(name);
    if (column < 0) {
      throw new CodonfuseException(
          "%s: has no column '%s'; restore the file or train again."
              .formatted(table.source(), name));
    }
    return column;
  }

  private static Split split(String label) {
    return Split.parse(label)
        .orElseThrow(() -> new IllegalArgumentException("no split '" + label + "'"));
  }

  private static double value(String cell, Outputs outputs) {
    if (outputs.classes().isEmpty()) {
      return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
    }
    int index = outputs.classes().indexOf(cell);
    if (index < 0) {
      throw new IllegalArgumentException("no class '" + cell + "'");
    }
    return index;
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
