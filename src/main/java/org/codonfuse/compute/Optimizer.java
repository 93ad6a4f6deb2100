package org.codonfuse.compute;

import java.util.List;

/** Updates parameters in place from their gradients. Used by one thread at a time. */
public interface Optimizer extends AutoCloseable {
  /**
   * What an optimiser remembers of one parameter.
   *
   * @param steps in how many steps it had a gradient
   * @param first moving average of its gradient, with its shape
   * @param second moving average of the gradient's square, with its shape
   */
  record Moments(long steps, Tensor first, Tensor second) {}

  /** One step at this learning rate; parameters without a gradient stay. */
  void step(double learningRate);

  /** Forgets all gradients. */
  void zeroGradients();

  /**
   * Scales all gradients so that the norm of all together is at most this. Where the device is not
   * the CPU this does not wait for it.
   *
   * @param norm positive; infinity measures only
   * @return the norm before, one value; the caller closes it
   */
  HostRead clipGradients(double norm);

  /** Number of steps taken. */
  long steps();

  /** Copies of what is remembered of one parameter. */
  Moments moments(int parameter);

  /**
   * Continues an earlier run.
   *
   * @param steps the number of steps it had taken
   * @param moments for each parameter what {@link #moments} returned
   */
  void restore(long steps, List<Moments> moments);

  @Override
  void close();
}
