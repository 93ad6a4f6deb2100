package org.codonfuse.compute;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A backend that differentiates and optimises. */
public interface TrainableBackend extends Backend {
  /** Seeds dropout; the same seed, threads and operations give the same values. */
  void seed(long seed);

  /** A copy of a tensor that gradients are computed for. */
  Tensor parameter(Tensor initial);

  /** Overwrites a parameter's values with those of a tensor of the same shape. */
  void assign(Tensor parameter, Tensor values);

  /**
   * Mean squared error.
   *
   * @param output [...]
   * @param target the same shape
   * @return a scalar
   */
  Tensor meanSquaredError(Tensor output, Tensor target);

  /**
   * Mean cross-entropy.
   *
   * @param logits [batch, classes]
   * @param target int64 [batch], classes from 0
   * @return a scalar
   */
  Tensor crossEntropy(Tensor logits, Tensor target);

  /**
   * The weight of a linear layer that is not trained, in the layout in which this backend
   * multiplies with it and brings gradients through it fastest; the weight itself where it has no
   * other. Good for nothing but {@link #linear}, in every mode. Takes memory of the weight's size,
   * from the first gradient through it on twice that, and half as much again for each of the two
   * where products are of bfloat16; the weight itself may be released.
   *
   * @param weight [out, in]
   */
  Tensor freeze(Tensor weight);

  /** Adds the gradients of a scalar to every parameter it depends on. */
  void backward(Tensor loss);

  /**
   * Adds the gradients of a tensor's product with a given one to every parameter it depends on:
   * what a loss has that the tensor's gradient is known of.
   *
   * @param output [...]
   * @param gradient of a loss by the output, the same shape
   */
  void backward(Tensor output, Tensor gradient);

  /** The gradient accumulated in a parameter, if a backward pass reached it. */
  Optional<Tensor> gradient(Tensor parameter);

  /**
   * An Adam optimiser over parameters of this backend.
   *
   * @param factors for each parameter what its learning rate is of that of a step; not negative
   */
  Optimizer adam(List<Tensor> parameters, double[] factors, AdamOptions options);

  /** An Adam optimiser that has one learning rate for all parameters. */
  default Optimizer adam(List<Tensor> parameters, AdamOptions options) {
    double[] factors = new double[parameters.size()];
    Arrays.fill(factors, 1);
    return adam(parameters, factors, options);
  }

  /** Takes steps that are alike; owned by the caller, who closes it before the backend. */
  default Repetition repetition() {
    return Repetition.NONE;
  }

  /**
   * Joins the processes that train with this one; all of them call this. Gradients are those of
   * parameters of this backend.
   *
   * @return owned by the caller, who closes it before the backend
   * @throws CommunicationException if a process cannot be reached
   */
  ProcessGroup join(Peers peers);
}
