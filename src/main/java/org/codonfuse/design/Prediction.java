package org.codonfuse.design;

import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;

/**
 * What is predicted for a sequence, in the units of the target or as the probability of a class.
 *
 * @param value mean over the models
 * @param members what each of the models predicts
 */
public record Prediction(double value, List<Double> members) {
  /** Copies the list. */
  public Prediction {
    members = List.copyOf(members);
  }

  /** Standard deviation (n − 1) among the models, NaN for one. */
  public double spread() {
    return deviation(members.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * Standard deviation (n − 1) among the models of what each predicts more for this sequence than
   * for another, NaN for one model: models that differ in level may agree about a gain.
   *
   * @param other of the same models
   */
  public double spreadOfGain(Prediction other) {
    return deviation(
        IntStream.range(0, members.size())
            .mapToDouble(i -> members.get(i) - other.members.get(i))
            .toArray());
  }

  private static double deviation(double[] values) {
    return values.length < 2 ? Double.NaN : new StandardDeviation().evaluate(values);
  }
}
