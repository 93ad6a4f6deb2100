package org.codonfuse.baseline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.hipparchus.linear.BlockRealMatrix;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.stat.descriptive.moment.Mean;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;

/**
 * Ridge regression (Hoerl and Kennard 1970) on features that are standardised on the training rows:
 * minimises the mean squared error plus a penalty times the sum of the squared weights; the
 * intercept is free. A feature that is constant in training has no weight. An output is fitted to
 * the rows that it is known of.
 */
final class Ridge {
  /** What rounding leaves of a matrix that is positive definite by construction. */
  private static final double SYMMETRY = 1e-9;

  private static final double POSITIVITY = 1e-12;

  private final List<Problem> problems = new ArrayList<>();

  /**
   * Prepares what all penalties share.
   *
   * @param features [row][feature] of training
   * @param targets [row][output]; NaN where one is not known
   */
  Ridge(double[][] features, double[][] targets) {
    SequencedMap<List<Integer>, List<Integer>> outputsOfRows = new LinkedHashMap<>();
    for (int o = 0; o < targets[0].length; o++) {
      int output = o;
      List<Integer> rows =
          IntStream.range(0, targets.length)
              .filter(i -> !Double.isNaN(targets[i][output]))
              .boxed()
              .toList();
      outputsOfRows.computeIfAbsent(rows, _ -> new ArrayList<>()).add(o);
    }
    outputsOfRows.forEach(
        (rows, outputs) ->
            problems.add(
                new Problem(
                    outputs,
                    rows.stream().map(i -> features[i]).toArray(double[][]::new),
                    rows.stream()
                        .map(i -> outputs.stream().mapToDouble(o -> targets[i][o]).toArray())
                        .toArray(double[][]::new))));
  }

  /**
   * The model of one penalty, on features as they are.
   *
   * @param penalty above 0
   */
  LinearModel fit(double penalty) {
    int outputs = problems.stream().mapToInt(problem -> problem.outputs.size()).sum();
    LinearModel model = new LinearModel(new double[outputs][], new double[outputs]);
    problems.forEach(problem -> problem.fit(penalty, model));
    return model;
  }

  /** Outputs that are known of the same rows. */
  private static final class Problem {
    private final List<Integer> outputs;
    private final double[] means;
    private final double[] scales;
    private final double[] targetMeans;
    private final RealMatrix gram;
    private final RealMatrix moments;

    Problem(List<Integer> outputs, double[][] features, double[][] targets) {
      this.outputs = outputs;
      int rows = features.length;
      means = means(features);
      scales = scales(features);
      targetMeans = means(targets);
      double[][] x = new double[rows][means.length];
      double[][] y = new double[rows][targetMeans.length];
      for (int i = 0; i < rows; i++) {
        for (int f = 0; f < means.length; f++) {
          x[i][f] = scales[f] == 0 ? 0 : (features[i][f] - means[f]) / scales[f];
        }
        for (int o = 0; o < targetMeans.length; o++) {
          y[i][o] = targets[i][o] - targetMeans[o];
        }
      }
      RealMatrix design = new BlockRealMatrix(x);
      gram = design.transposeMultiply(design).scalarMultiply(1.0 / rows);
      moments = design.transposeMultiply(new BlockRealMatrix(y)).scalarMultiply(1.0 / rows);
    }

    void fit(double penalty, LinearModel model) {
      RealMatrix penalised = gram.copy();
      for (int f = 0; f < means.length; f++) {
        penalised.addToEntry(f, f, penalty);
      }
      RealMatrix solved =
          new CholeskyDecomposition(penalised, SYMMETRY, POSITIVITY).getSolver().solve(moments);
      for (int o = 0; o < targetMeans.length; o++) {
        double[] weights = new double[means.length];
        double bias = targetMeans[o];
        for (int f = 0; f < means.length; f++) {
          weights[f] = scales[f] == 0 ? 0 : solved.getEntry(f, o) / scales[f];
          bias -= weights[f] * means[f];
        }
        model.weights()[outputs.get(o)] = weights;
        model.bias()[outputs.get(o)] = bias;
      }
    }
  }

  private static double[] means(double[][] rows) {
    double[] means = new double[rows[0].length];
    for (int c = 0; c < means.length; c++) {
      means[c] = new Mean().evaluate(column(rows, c));
    }
    return means;
  }

  /** Standard deviations; 0 where all values are equal. */
  private static double[] scales(double[][] rows) {
    double[] scales = new double[rows[0].length];
    for (int c = 0; c < scales.length; c++) {
      double[] values = column(rows, c);
      boolean varies = false;
      for (double value : values) {
        varies |= value != values[0];
      }
      // Not the deviation of equal values, which rounding may leave a little above 0.
      scales[c] = varies ? new StandardDeviation(false).evaluate(values) : 0;
    }
    return scales;
  }

  private static double[] column(double[][] rows, int column) {
    double[] values = new double[rows.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[i][column];
    }
    return values;
  }
}
