package org.codonfuse.training.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.metrics.ClassificationMetrics;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.RegressionMetrics;

/**
 * Raw outputs of a model in the terms of its task.
 *
 * @param task what is predicted
 * @param classes the classes by index
 * @param scale how targets were standardised
 */
public record Outputs(Task task, List<String> classes, TargetScale scale) {
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
      case REGRESSION -> MetricReport.regression(targets(examples), restored(outputs), seed);
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
      case REGRESSION -> RegressionMetrics.spearman(targets(examples), restored(outputs));
      case CLASSIFICATION -> ClassificationMetrics.ofLogits(labels(examples), outputs).accuracy();
    };
  }

  /** The columns that {@link #cells} fills. */
  public List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("prediction"));
    classes.forEach(name -> columns.add("probability_" + name));
    return columns;
  }

  /** One example's prediction, and the probability of every class. */
  public List<String> cells(double[] output) {
    if (task == Task.REGRESSION) {
      return List.of(Double.toString(scale.restore(output[0])));
    }
    double[] probabilities = ClassificationMetrics.softmax(output);
    int likeliest =
        IntStream.range(0, probabilities.length)
            .reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
            .orElseThrow();
    List<String> cells = new ArrayList<>(List.of(classes.get(likeliest)));
    Arrays.stream(probabilities).forEach(p -> cells.add(Double.toString(p)));
    return cells;
  }

  /** A target as it is written. */
  public String target(Example example) {
    return task == Task.REGRESSION
        ? Double.toString(example.target())
        : classes.get((int) example.target());
  }

  private static double[] targets(List<Example> examples) {
    return examples.stream().mapToDouble(Example::target).toArray();
  }

  private static int[] labels(List<Example> examples) {
    return examples.stream().mapToInt(example -> (int) example.target()).toArray();
  }

  private double[] restored(double[][] outputs) {
    return Arrays.stream(outputs).mapToDouble(row -> scale.restore(row[0])).toArray();
  }
}
