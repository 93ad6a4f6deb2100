package org.codonfuse.training.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;

/**
 * Metrics of one set of predictions with their bootstrap 95 % intervals.
 *
 * @param n number of rows
 * @param metrics by the name they have in results, in order
 * @param targets where several numbers are predicted: what the metrics are the mean of, by target
 */
public record MetricReport(int n, Map<String, Metric> metrics, Map<String, MetricReport> targets) {
  /**
   * One figure.
   *
   * @param value NaN where it is undefined
   * @param bootstrapped whether an interval was computed, which Kendall's tau is too slow for
   * @param interval of {@value Bootstrap#RESAMPLES} resamples; empty if undefined or not computed
   */
  public record Metric(double value, boolean bootstrapped, Optional<Interval> interval) {
    static Metric bootstrapped(double value, Optional<Interval> interval) {
      return new Metric(value, true, interval);
    }

    static Metric alone(double value) {
      return new Metric(value, false, Optional.empty());
    }
  }

  /** Keeps the order. */
  public MetricReport {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
  }

  /** A report on one target. */
  MetricReport(int n, Map<String, Metric> metrics) {
    this(n, metrics, Map.of());
  }

  /**
   * Measures predicted numbers: spearman, pearson, kendall, mse, mae, r2.
   *
   * @param target true values, at least one
   * @param prediction one per target
   * @param seed of the bootstrap
   * @throws CodonfuseException if a value is not finite
   * @throws IllegalArgumentException if the lengths differ or are zero
   * @see RegressionMetrics
   */
  public static MetricReport regression(double[] target, double[] prediction, long seed) {
    RegressionSample sample = new RegressionSample(target, prediction);
    RegressionMetrics metrics = sample.metrics();
    List<Optional<Interval>> intervals =
        Bootstrap.intervals(target.length, Bootstrap.RESAMPLES, seed, sample::resampled);
    Map<String, Metric> named = new LinkedHashMap<>();
    named.put("spearman", Metric.bootstrapped(metrics.spearman(), intervals.get(0)));
    named.put("pearson", Metric.bootstrapped(metrics.pearson(), intervals.get(1)));
    named.put("kendall", Metric.alone(metrics.kendall()));
    named.put("mse", Metric.bootstrapped(metrics.mse(), intervals.get(2)));
    named.put("mae", Metric.bootstrapped(metrics.mae(), intervals.get(3)));
    named.put("r2", Metric.bootstrapped(metrics.r2(), intervals.get(4)));
    return new MetricReport(target.length, named);
  }

  /**
   * Measures several predicted numbers: as {@link #regression(double[], double[], long)} each by
   * itself, over the rows in which its target is known, and beside them the mean over the targets
   * of what has no unit: spearman, pearson, kendall, r2. What is undefined for a target does not
   * count there.
   *
   * @param targets {@code [row][target]}, at least one row; NaN where a target is not known
   * @param predictions {@code [row][target]}
   * @param names of the targets
   * @param seed of the bootstrap
   * @throws CodonfuseException if another value is not finite
   */
  public static MetricReport regression(
      double[][] targets, double[][] predictions, List<String> names, long seed) {
    return new SeveralTargets(targets, predictions).report(names, seed);
  }

  /**
   * The mean over several targets of Spearman's correlation alone.
   *
   * @param targets {@code [row][target]}, at least one row; NaN where a target is not known
   * @param predictions {@code [row][target]}
   * @return NaN if it is undefined for all of them
   */
  public static double meanSpearman(double[][] targets, double[][] predictions) {
    return new SeveralTargets(targets, predictions).spearman();
  }

  /**
   * Measures logits: accuracy, balanced_accuracy, macro_f1, mcc, auroc_ovr_macro.
   *
   * @param target class index per row, at least one row
   * @param logits {@code [row][class]}
   * @param seed of the bootstrap
   * @throws CodonfuseException if a logit is not finite
   * @throws IllegalArgumentException if sizes do not match or a target is no class
   * @see ClassificationMetrics
   */
  public static MetricReport classification(int[] target, double[][] logits, long seed) {
    return classification(ClassificationSample.ofLogits(target, logits), seed);
  }

  /** Like {@link #classification}, for probabilities, which are ranked as they are. */
  public static MetricReport probabilities(int[] target, double[][] probabilities, long seed) {
    return classification(ClassificationSample.ofProbabilities(target, probabilities), seed);
  }

  /**
   * Measures predicted labels: as {@link #classification} without auroc_ovr_macro.
   *
   * @param predicted class index per row
   * @param classes number of classes
   */
  public static MetricReport labels(int[] target, int[] predicted, int classes, long seed) {
    return classification(ClassificationSample.ofLabels(target, predicted, classes), seed);
  }

  static MetricReport classification(ClassificationSample sample, long seed) {
    ClassificationMetrics metrics = sample.metrics();
    int n = sample.rows();
    List<Optional<Interval>> intervals =
        Bootstrap.intervals(n, Bootstrap.RESAMPLES, seed, sample::resampled);
    Map<String, Metric> named = new LinkedHashMap<>();
    named.put("accuracy", Metric.bootstrapped(metrics.accuracy(), intervals.get(0)));
    named.put(
        "balanced_accuracy", Metric.bootstrapped(metrics.balancedAccuracy(), intervals.get(1)));
    named.put("macro_f1", Metric.bootstrapped(metrics.macroF1(), intervals.get(2)));
    named.put("mcc", Metric.bootstrapped(metrics.mcc(), intervals.get(3)));
    metrics
        .aurocOvrMacro()
        .ifPresent(
            auroc -> named.put("auroc_ovr_macro", Metric.bootstrapped(auroc, intervals.get(4))));
    return new MetricReport(n, named);
  }

  /**
   * One value by its name.
   *
   * @return NaN where it is undefined
   * @throws IllegalArgumentException if the report has no such metric
   */
  public double value(String name) {
    Metric metric = metrics.get(name);
    if (metric == null) {
      throw new IllegalArgumentException("No metric " + name + " among " + metrics.keySet());
    }
    return metric.value();
  }

  /**
   * The layout of results: {@code {"spearman": 0.71, "spearman_interval": [0.66, 0.75], …, "n":
   * 240}}. An undefined value or interval is null; kendall has no interval. Several targets follow
   * under {@code targets}, by name.
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    metrics.forEach(
        (name, metric) -> {
          map.put(name, Double.isFinite(metric.value()) ? metric.value() : null);
          if (metric.bootstrapped()) {
            map.put(
                name + "_interval",
                metric
                    .interval()
                    .filter(i -> Double.isFinite(i.low()) && Double.isFinite(i.high()))
                    .map(i -> List.of(i.low(), i.high()))
                    .orElse(null));
          }
        });
    map.put("n", n);
    if (!targets.isEmpty()) {
      Map<String, Object> byTarget = new LinkedHashMap<>();
      targets.forEach((name, report) -> byTarget.put(name, report.toMap()));
      map.put("targets", byTarget);
    }
    return map;
  }
}
