package org.codonfuse.training.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.metrics.ClassificationMetrics;
import org.codonfuse.training.metrics.Figure;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.RegressionMetrics;

/**
 * Raw outputs of a model in the terms of its task.
 *
 * @param task what is predicted
 * @param classes the classes by index
 * @param targets what is predicted; one for classes
 */
public record Outputs(Task task, List<String> classes, List<TargetConfig> targets) {
  public Outputs {
    classes = List.copyOf(classes);
    targets = List.copyOf(targets);
  }

  private boolean several() {
    return targets.size() > 1;
  }

  /** Measures raw outputs [example][output] of every split that has examples. */
  public SequencedMap<Split, MetricReport> metrics(Dataset dataset, double[][] outputs, long seed) {
    SequencedMap<Split, MetricReport> reports = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      List<Example> examples = dataset.of(split);
      if (!examples.isEmpty()) {
        double[][] chosen =
            Arrays.stream(dataset.indices(split))
                .mapToObj(i -> outputs[i])
                .toArray(double[][]::new);
        reports.put(split, metrics(examples, chosen, seed));
      }
    }
    return reports;
  }

  private MetricReport metrics(List<Example> examples, double[][] outputs, long seed) {
    return switch (task) {
      case REGRESSION ->
          several()
              ? MetricReport.regression(allTargets(examples), restored(outputs), names(), seed)
              : MetricReport.regression(targets(examples), first(restored(outputs)), seed);
      case CLASSIFICATION -> MetricReport.classification(labels(examples), outputs, seed);
    };
  }

  /** The name of the metric that epochs are reported with. */
  public String headline() {
    return task == Task.REGRESSION ? "spearman" : "accuracy";
  }

  /** The metric of {@link #headline} alone, without intervals, for every epoch. */
  public double headline(List<Example> examples, double[][] outputs) {
    return switch (task) {
      case REGRESSION ->
          several()
              ? MetricReport.meanSpearman(allTargets(examples), restored(outputs))
              : RegressionMetrics.spearman(targets(examples), first(restored(outputs)));
      case CLASSIFICATION -> ClassificationMetrics.ofLogits(labels(examples), outputs).accuracy();
    };
  }

  /**
   * The metric of {@link #headline} of any sample of examples; of several targets the mean.
   *
   * @param outputs raw outputs [example][output]
   * @return empty if no example has a target
   */
  public Optional<Figure> figure(List<Example> examples, double[][] outputs) {
    if (examples.isEmpty()) {
      return Optional.empty();
    }
    if (task == Task.CLASSIFICATION) {
      return examples.stream().anyMatch(example -> Double.isNaN(example.target()))
          ? Optional.empty()
          : Optional.of(
              Figure.accuracy(
                  labels(examples), Arrays.stream(outputs).mapToInt(Outputs::likeliest).toArray()));
    }
    double[][] restored = restored(outputs);
    List<Figure> figures =
        IntStream.range(0, targets.size())
            .boxed()
            .flatMap(
                target ->
                    Figure.spearmanOfKnown(
                        examples.stream().mapToDouble(e -> e.targets().get(target)).toArray(),
                        Arrays.stream(restored).mapToDouble(row -> row[target]).toArray())
                        .stream())
            .toList();
    return figures.isEmpty() ? Optional.empty() : Optional.of(Figure.mean(figures));
  }

  /** What the outputs are called: targets, or classes. */
  public List<String> outputNames() {
    return task == Task.CLASSIFICATION ? classes : names();
  }

  /**
   * How much a target changes where a raw output changes by 1: its standard deviation in training,
   * and 1 for the logits of classes.
   */
  public double unit(int output) {
    return task == Task.CLASSIFICATION ? 1 : targets.get(output).scale().deviation();
  }

  /** A raw output in units of its target; the logit of a class as it is. */
  public double restored(int output, double raw) {
    return task == Task.CLASSIFICATION ? raw : targets.get(output).scale().restore(raw);
  }

  private List<String> names() {
    return targets.stream().map(TargetConfig::name).toList();
  }

  /** The same outputs where they are in the units of the targets. */
  Outputs unscaled() {
    return new Outputs(
        task,
        classes,
        targets.stream().map(of -> new TargetConfig(of.name(), TargetScale.IDENTITY)).toList());
  }

  /** Raw outputs as what they say: numbers in the units of the targets, or probabilities. */
  public double[][] values(double[][] outputs) {
    return task == Task.REGRESSION
        ? restored(outputs)
        : Arrays.stream(outputs).map(ClassificationMetrics::softmax).toArray(double[][]::new);
  }

  /** The columns of the spread of {@link #values} among models. */
  List<String> spreadColumns() {
    if (task == Task.CLASSIFICATION) {
      return classes.stream().map(name -> "sd_" + name).toList();
    }
    return several()
        ? names().stream().map(name -> "prediction_sd_" + name).toList()
        : List.of("prediction_sd");
  }

  /** The columns that {@link #cells(double[])} fills. */
  public List<String> columns() {
    if (several()) {
      return names().stream().map(name -> "prediction_" + name).toList();
    }
    List<String> columns = new ArrayList<>(List.of("prediction"));
    classes.forEach(name -> columns.add("probability_" + name));
    return columns;
  }

  /** One example's prediction, and the probability of every class. */
  public List<String> cells(double[] output) {
    if (task == Task.REGRESSION) {
      return Arrays.stream(restored(output)).mapToObj(Double::toString).toList();
    }
    double[] probabilities = ClassificationMetrics.softmax(output);
    List<String> cells = new ArrayList<>(List.of(classes.get(likeliest(probabilities))));
    Arrays.stream(probabilities).forEach(p -> cells.add(Double.toString(p)));
    return cells;
  }

  private static int likeliest(double[] scores) {
    return IntStream.range(0, scores.length)
        .reduce((a, b) -> scores[b] > scores[a] ? b : a)
        .orElseThrow();
  }

  /** The columns that {@link #cells(Example, double[])} fills. */
  public List<String> columnsWithTargets() {
    List<String> predicted = columns();
    return several()
        ? names().stream()
            .flatMap(name -> Stream.of("target_" + name, "prediction_" + name))
            .toList()
        : Stream.concat(Stream.of("target"), predicted.stream()).toList();
  }

  /** What is predicted for an example, each target before its prediction; empty if not known. */
  public List<String> cells(Example example, double[] output) {
    List<String> predicted = cells(output);
    return several()
        ? IntStream.range(0, predicted.size())
            .boxed()
            .flatMap(i -> Stream.of(number(example.targets().get(i)), predicted.get(i)))
            .toList()
        : Stream.concat(Stream.of(target(example)), predicted.stream()).toList();
  }

  private String target(Example example) {
    return task == Task.REGRESSION
        ? Double.toString(example.target())
        : classes.get((int) example.target());
  }

  private static String number(double target) {
    return Double.isNaN(target) ? "" : Double.toString(target);
  }

  private static double[] targets(List<Example> examples) {
    return examples.stream().mapToDouble(Example::target).toArray();
  }

  private static int[] labels(List<Example> examples) {
    return examples.stream().mapToInt(example -> (int) example.target()).toArray();
  }

  private static double[][] allTargets(List<Example> examples) {
    return examples.stream()
        .map(example -> example.targets().stream().mapToDouble(Double::doubleValue).toArray())
        .toArray(double[][]::new);
  }

  private double[][] restored(double[][] outputs) {
    return Arrays.stream(outputs).map(this::restored).toArray(double[][]::new);
  }

  private double[] restored(double[] output) {
    return IntStream.range(0, output.length)
        .mapToDouble(i -> targets.get(i).scale().restore(output[i]))
        .toArray();
  }

  private static double[] first(double[][] rows) {
    return Arrays.stream(rows).mapToDouble(row -> row[0]).toArray();
  }
}
