package org.codonfuse.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.baseline.OneHotBaseline;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.io.CsvFile;

/** {@code results.csv}: a line per cell that is done. */
public final class ResultsFile {
  private ResultsFile() {}

  /**
   * Writes it.
   *
   * @param experiment directory that paths of runs start from
   */
  public static void write(Path file, Results results, Path experiment) {
    Set<String> validation = new LinkedHashSet<>();
    Set<String> test = new LinkedHashSet<>();
    for (CellResult cell : results.cells()) {
      validation.addAll(cell.validation().keySet());
      test.addAll(cell.test().keySet());
    }
    List<String> columns =
        new ArrayList<>(
            List.of(
                "data",
                "model",
                "fusion",
                "encoders",
                "head",
                "lambda",
                "seed",
                "fold",
                "selected",
                "best_epoch",
                "seconds"));
    validation.forEach(name -> columns.add("validation_" + name));
    test.forEach(name -> columns.add("test_" + name));
    columns.add("run");
    List<List<String>> rows = new ArrayList<>();
    for (CellResult result : results.cells()) {
      List<String> row = new ArrayList<>(described(result));
      row.add(Boolean.toString(results.isSelected(result)));
      row.add(result.bestEpoch().isPresent() ? "" + result.bestEpoch().getAsInt() : "");
      row.add(
          Double.isNaN(result.seconds())
              ? ""
              : String.format(Locale.ROOT, "%.3f", result.seconds()));
      validation.forEach(name -> row.add(number(result.validation(), name)));
      test.forEach(name -> row.add(number(result.test(), name)));
      row.add(experiment.relativize(result.run()).toString());
      rows.add(row);
    }
    CsvFile.write(file, columns, rows);
  }

  private static List<String> described(CellResult result) {
    Cell cell = result.cell();
    List<String> row = new ArrayList<>(List.of(cell.data().name(), cell.row().name()));
    switch (cell.row()) {
      case RowPlan.Trained trained -> {
        row.add(trained.fusion().name());
        row.add(
            trained.encoders().stream()
                .map(encoder -> encoder.name() + "=" + encoder.model())
                .collect(Collectors.joining(";")));
        row.add(trained.head().name());
      }
      case RowPlan.OneHot _ -> {
        row.add("");
        row.add(OneHotBaseline.NAME);
        row.add(TextCnnHead.NAME);
      }
      case RowPlan.Ridge ridge -> {
        row.add("");
        row.add(ridge.features().name());
        row.add("ridge");
      }
    }
    row.add(cell.lambda().isPresent() ? Cell.number(cell.lambda().getAsDouble()) : "");
    row.add(Long.toString(cell.seed()));
    row.add(cell.fold().isPresent() ? "" + cell.fold().getAsInt() : "");
    return row;
  }

  /** Whole numbers, such as how many rows there are, as such. */
  private static String number(Map<String, Double> numbers, String name) {
    double value = numbers.getOrDefault(name, Double.NaN);
    return Double.isNaN(value) ? "" : Cell.number(value);
  }
}
