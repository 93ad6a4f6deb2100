package org.codonfuse.compute;

import java.util.List;

/** Updates parameters in place from their gradients. Used by one thread at a time. */
public interface Optimizer extends AutoCloseable {
  /** One step at this learning rate; parameters without a gradient stay. */
  void step(double learningRate);

  /** Forgets all gradients. */
  void zeroGradients();

  /** Number of steps taken. */
  long steps();

  /** The moving averages of one parameter as copies: first moment, second moment. */
  List<Tensor> moments(int parameter);

  /**
   * Continues an earlier run.
   *
   * @param steps the number of steps it had taken
   * @param moments for each parameter what {@link #moments} returned
   */
  void restore(long steps, List<List<Tensor>> moments);

  @Override
  void close();
}
