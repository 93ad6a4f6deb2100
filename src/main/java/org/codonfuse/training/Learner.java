package org.codonfuse.training;

import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.Parameters;

/**
 * What a {@link Trainer} minimises: examples and the loss of a batch of them. That loss is a sum of
 * terms, each a weighted mean over the batch, so that the loss of a batch and its gradient are sums
 * over its parts: however a batch is parted, the result is the same up to rounding.
 *
 * @param <P> a part of a batch
 */
public interface Learner<P extends Learner.Part> {
  /** A part of a batch in the host's memory, which can be prepared on a thread without a scope. */
  interface Part extends AutoCloseable {
    /** How much the part counts in each term of its batch's loss: 0 or above. */
    double[] weights();

    /**
     * Equal for parts that are computed by the same operations on tensors of the same shapes; empty
     * where that is not to be expected of any other.
     */
    default Optional<Object> form() {
      return Optional.empty();
    }

    @Override
    default void close() {
      // Most are the garbage collector's.
    }
  }

  /**
   * What is measured after an epoch.
   *
   * @param loss of the validation split
   * @param metric of its outputs, of no account if the loss is not finite
   */
  record Evaluation(double loss, double metric) {}

  /** Number of terms of the loss of a batch, and of {@link Part#weights}. */
  int terms();

  /** Number of training examples. */
  int size();

  /** Length of a training example, in whatever unit: those of similar length are batched. */
  int length(int example);

  /** What a training example is called. */
  String name(int example);

  /** Epochs of a first stage, in which early stopping does not end the training. */
  default int firstStage() {
    return 0;
  }

  /** What the learning rate of a parameter is of that of a step. */
  default double rateFactor(String parameter) {
    return 1;
  }

  /** What may help if a loss is not finite, as the end of a message. */
  default String remedy() {
    return "lower --learning-rate";
  }

  /**
   * Reads a part of a batch, which the caller closes. Called on another thread than the rest.
   *
   * @param epoch from 1; with the members alone it decides what is drawn
   * @param members training examples
   */
  P gather(int epoch, int[] members);

  /**
   * Where a part is computed.
   *
   * @param scope the current one, for training
   * @param seed of dropout, with which the backend has been seeded
   */
  record Step(Scope scope, long seed) {}

  /**
   * Adds the gradients of a part's loss to the parameters. Where the device is not the CPU this
   * does not wait for it.
   *
   * @param shares the part's weight in each term, as a share of the whole batch's; all 1 for a
   *     whole batch
   * @return the part's loss, one value: the sum of its terms, each times its share; the caller
   *     closes it
   */
  HostRead accumulate(Step step, Parameters parameters, P part, double[] shares);

  /**
   * Begins to read a loss before something else is done.
   *
   * @param loss a scalar
   * @param next what is done before the value is waited for
   */
  static HostRead reading(Backend backend, Tensor loss, Runnable next) {
    HostRead value = backend.read(loss);
    try {
      next.run();
    } catch (RuntimeException | Error e) {
      value.close();
      throw e;
    }
    return value;
  }

  /**
   * Measures the parameters on the validation split.
   *
   * @param epoch that ended, from 1
   */
  Evaluation evaluate(int epoch, Parameters parameters);
}
