package org.codonfuse.training.metrics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Task;

/**
 * The metrics of a table of predictions.
 *
 * @param task as asked for or detected
 * @param all of all rows
 * @param splits of the rows of each value in a column named split, in order of appearance; empty
 *     without one
 */
public record PredictionEvaluation(Task task, MetricReport all, Map<String, MetricReport> splits) {
  private static final List<String> PREDICTION =
      List.of("prediction", "predictions", "pred", "preds", "predicted", "y_pred", "output");
  private static final List<String> TARGET =
      List.of("target", "targets", "label", "labels", "y", "y_true", "value", "values", "measured");

  /** More integers than this are numbers rather than classes. */
  private static final int MOST_CLASSES = 20;

  /**
   * What the table cannot say itself.
   *
   * @param predictionColumn detected by its name if empty
   * @param targetColumn detected by its name if empty
   * @param task detected if empty: classification if there are columns {@code probability_<class>}
   *     or {@code logit_<class>}, most targets are not numbers, or targets and predictions are the
   *     same few integers, each many times
   * @param seed of the bootstrap
   */
  public record Request(
      Optional<String> predictionColumn,
      Optional<String> targetColumn,
      Optional<Task> task,
      long seed) {}

  /**
   * Measures a table.
   *
   * @throws CodonfuseException for a missing column or a cell that is no number or class
   * @throws UsageException if a named column is missing
   */
  public static PredictionEvaluation of(PredictionTable table, Request request) {
    ScoreColumns scores = ScoreColumns.in(table);
    OptionalInt predicted =
        find(table, request.predictionColumn(), PREDICTION, "--prediction-column");
    int target =
        find(table, request.targetColumn(), TARGET, "--target-column")
            .orElseThrow(() -> missing(table, "target", TARGET));
    Task task = request.task().orElseGet(() -> detect(table, scores, predicted, target));
    if (predicted.isEmpty() && (task == Task.REGRESSION || scores.isEmpty())) {
      throw missing(table, "prediction", PREDICTION);
    }
    Measure measure =
        task == Task.REGRESSION
            ? numbers(table, target, predicted.getAsInt(), request.seed())
            : classes(table, target, predicted, scores, request.seed());
    Map<String, MetricReport> splits = new LinkedHashMap<>();
    splits(table).forEach((split, rows) -> splits.put(split, measure.of(rows)));
    return new PredictionEvaluation(task, measure.of(Checks.allRows(table.rows())), splits);
  }

  private interface Measure {
    MetricReport of(int[] rows);
  }

  private static Measure numbers(PredictionTable table, int target, int predicted, long seed) {
    int[] all = Checks.allRows(table.rows());
    double[] x = Arrays.stream(all).mapToDouble(row -> table.number(row, target)).toArray();
    double[] y = Arrays.stream(all).mapToDouble(row -> table.number(row, predicted)).toArray();
    return rows ->
        MetricReport.regression(
            Arrays.stream(rows).mapToDouble(row -> x[row]).toArray(),
            Arrays.stream(rows).mapToDouble(row -> y[row]).toArray(),
            seed);
  }

  private static Measure classes(
      PredictionTable table, int target, OptionalInt predicted, ScoreColumns scores, long seed) {
    List<String> names =
        scores.isEmpty() ? labels(table, target, predicted.getAsInt()) : scores.classes();
    int[] x = indices(table, target, names);
    Optional<int[]> y =
        predicted.isPresent()
            ? Optional.of(indices(table, predicted.getAsInt(), names))
            : Optional.empty();
    double[][] values = scores.read(table);
    return rows -> {
      int[] targets = take(x, rows);
      ClassificationSample sample =
          scores.isEmpty()
              ? ClassificationSample.ofLabels(targets, take(y.orElseThrow(), rows), names.size())
              : scores.sample(
                  targets,
                  Arrays.stream(rows).mapToObj(row -> values[row]).toArray(double[][]::new));
      ClassificationSample labelled =
          y.isPresent() ? sample.withPredicted(take(y.get(), rows)) : sample;
      return MetricReport.classification(labelled, seed);
    };
  }

  private static int[] take(int[] values, int[] rows) {
    return Arrays.stream(rows).map(row -> values[row]).toArray();
  }

  private static List<String> labels(PredictionTable table, int target, int predicted) {
    return IntStream.range(0, table.rows())
        .boxed()
        .flatMap(row -> List.of(table.label(row, target), table.label(row, predicted)).stream())
        .distinct()
        .sorted()
        .toList();
  }

  private static int[] indices(PredictionTable table, int column, List<String> classes) {
    return IntStream.range(0, table.rows())
        .map(
            row -> {
              int index = classes.indexOf(table.label(row, column));
              if (index < 0) {
                throw table.at(
                    row,
                    "the class '%s' has no score column among those of %s; add it."
                        .formatted(table.label(row, column), classes));
              }
              return index;
            })
        .toArray();
  }

  private static OptionalInt find(
      PredictionTable table, Optional<String> asked, List<String> usual, String option) {
    return asked.isPresent()
        ? OptionalInt.of(table.column(asked.get(), option))
        : table.column(usual);
  }

  private static CodonfuseException missing(
      PredictionTable table, String what, List<String> usual) {
    return new CodonfuseException(
        "%s: no column is named like a %s (%s); %s"
            .formatted(
                table.path(),
                what,
                String.join(", ", usual),
                table.choose("--" + what + "-column")));
  }

  private static Task detect(
      PredictionTable table, ScoreColumns scores, OptionalInt predicted, int target) {
    long numeric = IntStream.range(0, table.rows()).filter(r -> table.isNumber(r, target)).count();
    boolean classes =
        !scores.isEmpty()
            || numeric * 2 < table.rows()
            || (predicted.isPresent() && areLabels(table, target, predicted.getAsInt()));
    return classes ? Task.CLASSIFICATION : Task.REGRESSION;
  }

  private static boolean areLabels(PredictionTable table, int target, int predicted) {
    List<String> targets = distinct(table, target);
    return targets.size() <= Math.min(MOST_CLASSES, table.rows() / 2)
        && targets.stream().allMatch(text -> text.matches("[+-]?\\d+"))
        && targets.containsAll(distinct(table, predicted));
  }

  private static List<String> distinct(PredictionTable table, int column) {
    return IntStream.range(0, table.rows())
        .mapToObj(row -> table.text(row, column))
        .distinct()
        .toList();
  }

  private static Map<String, int[]> splits(PredictionTable table) {
    Map<String, int[]> splits = new LinkedHashMap<>();
    table
        .column(List.of("split"))
        .ifPresent(
            column -> {
              for (String split : distinct(table, column)) {
                if (!split.isEmpty()) {
                  splits.put(
                      split,
                      IntStream.range(0, table.rows())
                          .filter(row -> table.text(row, column).equals(split))
                          .toArray());
                }
              }
            });
    return splits;
  }

  /** The layout of results: {@link MetricReport#toMap} of all rows, then those of the splits. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("task", task.label());
    map.putAll(all.toMap());
    if (!splits.isEmpty()) {
      Map<String, Object> bySplit = new LinkedHashMap<>();
      splits.forEach((split, report) -> bySplit.put(split, report.toMap()));
      map.put("splits", bySplit);
    }
    return map;
  }
}
