package org.codonfuse.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CsvTable;
import org.codonfuse.training.metrics.Figure;
import org.codonfuse.training.run.RunDirectory;

/**
 * What a run predicts for its test rows.
 *
 * @param ids of the rows
 * @param targets [row][target] as they are written, one for classes; empty where one is not known
 * @param classes by index; empty for regression
 * @param values [row][target] predicted numbers, or [row][class] probabilities
 */
record TestPredictions(
    List<String> ids, List<List<String>> targets, List<String> classes, double[][] values) {
  private static final String PROBABILITY = "probability_";

  /** Reads {@code predictions.csv} of a run. */
  static TestPredictions read(Path run) {
    CsvTable table = CsvTable.read(run.resolve(RunDirectory.PREDICTIONS));
    List<String> header = table.header();
    List<String> classes =
        header.stream()
            .filter(name -> name.startsWith(PROBABILITY))
            .map(name -> name.substring(PROBABILITY.length()))
            .toList();
    int[] targets = columns(header, "target");
    int[] predicted = columns(header, classes.isEmpty() ? "prediction" : "probability");
    int split = header.indexOf("split");
    int id = header.indexOf("id");
    List<List<String>> rows =
        table.rows().stream()
            .map(CsvTable.Row::cells)
            .filter(cells -> cells.get(split).equals("test"))
            .toList();
    return new TestPredictions(
        rows.stream().map(cells -> cells.get(id)).toList(),
        rows.stream().map(cells -> Arrays.stream(targets).mapToObj(cells::get).toList()).toList(),
        classes,
        rows.stream()
            .map(
                cells ->
                    Arrays.stream(predicted)
                        .mapToDouble(c -> Double.parseDouble(cells.get(c)))
                        .toArray())
            .toArray(double[][]::new));
  }

  /** The column of a name, or those of several targets or classes. */
  private static int[] columns(List<String> header, String name) {
    return IntStream.range(0, header.size())
        .filter(c -> header.get(c).equals(name) || header.get(c).startsWith(name + "_"))
        .toArray();
  }

  /**
   * The mean of predictions of the same rows.
   *
   * @throws CodonfuseException if the rows differ
   */
  static TestPredictions mean(List<TestPredictions> members) {
    TestPredictions first = members.getFirst();
    members.forEach(first::requireSameRows);
    double[][] means = new double[first.values.length][];
    for (int row = 0; row < means.length; row++) {
      means[row] = new double[first.values[row].length];
      for (TestPredictions member : members) {
        for (int c = 0; c < means[row].length; c++) {
          means[row][c] += member.values[row][c] / members.size();
        }
      }
    }
    return new TestPredictions(first.ids, first.targets, first.classes, means);
  }

  /** Predictions of different rows, one after the other. */
  static TestPredictions joined(List<TestPredictions> folds) {
    List<String> ids = new ArrayList<>();
    List<List<String>> targets = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    for (TestPredictions fold : folds) {
      ids.addAll(fold.ids);
      targets.addAll(fold.targets);
      values.addAll(Arrays.asList(fold.values));
    }
    return new TestPredictions(
        ids, targets, folds.getFirst().classes, values.toArray(double[][]::new));
  }

  /**
   * Fails unless others are predictions of the same rows in the same order.
   *
   * @throws CodonfuseException if they are not, as where the data were split differently
   */
  void requireSameRows(TestPredictions other) {
    if (!ids.equals(other.ids) || !classes.equals(other.classes)) {
      throw new CodonfuseException(
          "Two runs of the experiment were tested on different rows, as of data that changed;"
              + " repeat it with another --output.");
    }
  }

  /** Spearman's correlation, of several targets the mean, or accuracy. */
  Figure figure() {
    if (!classes.isEmpty()) {
      return Figure.accuracy(
          targets.stream().mapToInt(row -> classes.indexOf(row.getFirst())).toArray(),
          Arrays.stream(values).mapToInt(TestPredictions::likeliest).toArray());
    }
    int count = targets.getFirst().size();
    List<Figure> figures =
        IntStream.range(0, count).boxed().flatMap(t -> figure(t).stream()).toList();
    return figures.size() == 1 ? figures.getFirst() : Figure.mean(figures);
  }

  /** Spearman's correlation of one target; none if no row has it. */
  private Optional<Figure> figure(int target) {
    return Figure.spearmanOfKnown(
        targets.stream()
            .map(row -> row.get(target))
            .mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell))
            .toArray(),
        Arrays.stream(values).mapToDouble(row -> row[target]).toArray());
  }

  private static int likeliest(double[] probabilities) {
    return IntStream.range(0, probabilities.length)
        .reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
        .orElseThrow();
  }
}
