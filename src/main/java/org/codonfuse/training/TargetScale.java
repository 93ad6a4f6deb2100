package org.codonfuse.training;

/**
 * Standardisation of regression targets, fitted on the training split and stored with the model.
 *
 * @param mean mean of the training targets
 * @param deviation their standard deviation (n − 1)
 */
public record TargetScale(double mean, double deviation) {
  /**
   * @throws IllegalArgumentException if targets could not be divided by the deviation
   */
  public TargetScale {
    if (!Double.isFinite(mean) || !(deviation > 0) || Double.isInfinite(deviation)) {
      throw new IllegalArgumentException("Mean " + mean + " and deviation " + deviation);
    }
  }

  /** No change, as for classes. */
  public static final TargetScale IDENTITY = new TargetScale(0, 1);

  /**
   * Fits to targets.
   *
   * @throws IllegalArgumentException if they are all the same or too far apart
   */
  public static TargetScale fit(double[] targets) {
    double mean = new org.hipparchus.stat.descriptive.moment.Mean().evaluate(targets);
    double deviation =
        new org.hipparchus.stat.descriptive.moment.StandardDeviation().evaluate(targets);
    if (!(deviation > 0 && deviation < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "targets with a standard deviation of " + deviation + " cannot be standardised");
    }
    return new TargetScale(mean, deviation);
  }

  /** A target in units of the model. */
  public double standardise(double target) {
    return (target - mean) / deviation;
  }

  /** A prediction in units of the target. */
  public double restore(double output) {
    return output * deviation + mean;
  }
}
