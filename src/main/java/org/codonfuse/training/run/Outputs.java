package org.codonfuse.training.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.metrics.MetricReport;

/**
 * Raw outputs of a model in the terms of its task.
 *
 * @param task what is predicted
 * @param classes the classes by index
 * @param scale how targets were standardised
 */
public record Outputs(Task task, List<String> classes, TargetScale scale) {
  /** Measures raw outputs [example][output] of examples whose targets are known. */
  public MetricReport metrics(List<Example> examples, double[][] outputs, long seed) {
    return switch (task) {
      case REGRESSION ->
          MetricReport.regression(
              examples.stream().mapToDouble(Example::target).toArray(),
              Arrays.stream(outputs).mapToDouble(row -> scale.restore(row[0])).toArray(),
              seed);
      case CLASSIFICATION ->
          MetricReport.classification(
              examples.stream().mapToInt(example -> (int) example.target()).toArray(),
              outputs,
              seed);
    };
  }

  /** The name of the metric that epochs are reported with. */
  public String headline() {
    return task == Task.REGRESSION ? "spearman" : "accuracy";
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
    double[] probabilities = softmax(output);
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

  private static double[] softmax(double[] logits) {
    double largest = Arrays.stream(logits).max().orElseThrow();
    double[] exponentials = Arrays.stream(logits).map(x -> Math.exp(x - largest)).toArray();
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(x -> x / sum).toArray();
  }
}
