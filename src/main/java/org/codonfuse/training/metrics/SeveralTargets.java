package org.codonfuse.training.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.codonfuse.training.metrics.MetricReport.Metric;

/** Several predicted numbers per row, of whose targets some may be missing. */
final class SeveralTargets {
  /** The places of Spearman, Pearson and R² in {@link RegressionSample#resampled}. */
  private static final int[] WITHOUT_UNIT = {0, 1, 4};

  private static final List<String> NAMES =
      List.of("spearman", "pearson", "kendall", "mse", "mae", "r2");

  private final int rows;
  private final List<Column> columns = new ArrayList<>();

  /**
   * The rows that one target is known of.
   *
   * @param place the row's index among them, or -1
   */
  private record Column(double[] target, double[] prediction, int[] place) {
    static Column of(double[][] targets, double[][] predictions, int column) {
      int[] place = new int[targets.length];
      Arrays.fill(place, -1);
      int[] known =
          IntStream.range(0, targets.length)
              .filter(row -> !Double.isNaN(targets[row][column]))
              .toArray();
      for (int i = 0; i < known.length; i++) {
        place[known[i]] = i;
      }
      return new Column(
          Arrays.stream(known).mapToDouble(row -> targets[row][column]).toArray(),
          Arrays.stream(known).mapToDouble(row -> predictions[row][column]).toArray(),
          place);
    }

    boolean isEmpty() {
      return target.length == 0;
    }

    MetricReport report(long seed) {
      if (isEmpty()) {
        Map<String, Metric> undefined = new LinkedHashMap<>();
        NAMES.forEach(
            name -> undefined.put(name, Metric.bootstrapped(Double.NaN, Optional.empty())));
        undefined.put("kendall", Metric.alone(Double.NaN));
        return new MetricReport(0, undefined);
      }
      return MetricReport.regression(target, prediction, seed);
    }
  }

  SeveralTargets(double[][] targets, double[][] predictions) {
    Checks.sameRows(targets.length, predictions.length);
    rows = targets.length;
    for (int column = 0; column < targets[0].length; column++) {
      columns.add(Column.of(targets, predictions, column));
    }
  }

  MetricReport report(List<String> names, long seed) {
    Map<String, MetricReport> reports = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      reports.put(names.get(i), columns.get(i).report(seed));
    }
    List<Optional<Interval>> intervals = intervals(seed);
    Map<String, Metric> means = new LinkedHashMap<>();
    means.put("spearman", mean(reports, "spearman", intervals.get(0)));
    means.put("pearson", mean(reports, "pearson", intervals.get(1)));
    means.put("kendall", Metric.alone(mean(reports, "kendall", Optional.empty()).value()));
    means.put("r2", mean(reports, "r2", intervals.get(2)));
    return new MetricReport(rows, means, Collections.unmodifiableMap(reports));
  }

  double spearman() {
    return mean(
        columns,
        column ->
            column.isEmpty()
                ? Double.NaN
                : RegressionMetrics.spearman(column.target(), column.prediction()));
  }

  private List<Optional<Interval>> intervals(long seed) {
    List<Column> known = columns.stream().filter(column -> !column.isEmpty()).toList();
    List<RegressionSample> samples =
        known.stream()
            .map(column -> new RegressionSample(column.target(), column.prediction()))
            .toList();
    return Bootstrap.intervals(
        rows,
        Bootstrap.RESAMPLES,
        seed,
        drawn -> {
          double[][] figures = new double[samples.size()][];
          for (int i = 0; i < figures.length; i++) {
            int[] place = known.get(i).place();
            int[] chosen =
                Arrays.stream(drawn).map(row -> place[row]).filter(p -> p >= 0).toArray();
            figures[i] = chosen.length == 0 ? undefined() : samples.get(i).resampled(chosen);
          }
          return Arrays.stream(WITHOUT_UNIT)
              .mapToDouble(figure -> mean(List.of(figures), of -> of[figure]))
              .toArray();
        });
  }

  private static double[] undefined() {
    double[] figures = new double[NAMES.size() - 1];
    Arrays.fill(figures, Double.NaN);
    return figures;
  }

  private static Metric mean(
      Map<String, MetricReport> reports, String name, Optional<Interval> interval) {
    return Metric.bootstrapped(mean(reports.values(), report -> report.value(name)), interval);
  }

  /** The mean of what is defined; NaN if nothing is. */
  private static <T> double mean(Iterable<T> of, ToDoubleFunction<T> value) {
    double sum = 0;
    int defined = 0;
    for (T one : of) {
      double number = value.applyAsDouble(one);
      if (!Double.isNaN(number)) {
        sum += number;
        defined++;
      }
    }
    return defined == 0 ? Double.NaN : sum / defined;
  }
}
