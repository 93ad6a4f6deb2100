package org.codonfuse.compute;

/**
 * Settings of Adam (Kingma and Ba 2015), with the weight decay added to the gradient as L2 penalty,
 * as {@code torch.optim.Adam} has it.
 */
public record AdamOptions(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
  /** The usual moments (0.9, 0.999) and epsilon 1e-8. */
  public static AdamOptions of(double learningRate, double weightDecay) {
    return new AdamOptions(learningRate, 0.9, 0.999, 1e-8, weightDecay);
  }
}
