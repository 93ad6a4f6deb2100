package org.codonfuse.compute;

import java.util.List;

/**
 * Processes that train one model together, each a share of every batch. All call the same methods
 * in the same order; what one gets, each gets, to the bit. Used by one thread, and closed by
 * whoever joined it.
 *
 * @see TrainableBackend#join
 */
public interface ProcessGroup extends AutoCloseable {
  /** The number of this process, from 0. */
  int rank();

  /** How many processes there are. */
  int size();

  /** Whether this is the process that writes and speaks. */
  default boolean leads() {
    return rank() == 0;
  }

  /**
   * Replaces every value by its sum over all processes.
   *
   * @throws CommunicationException if a process has ended or cannot be reached
   */
  void sum(double[] values);

  /**
   * What every process says, by rank. Takes as long as the slowest needs to come here.
   *
   * @param mine what this one says
   */
  List<byte[]> exchange(byte[] mine);

  /** Returns when every process has come here. */
  default void await() {
    exchange(new byte[0]);
  }

  /**
   * Adds up the gradients of parameters.
   *
   * @param parameters the same ones in every process, each in one reduction at a time
   * @return owned by the caller, who closes it before the group
   */
  GradientReduction reduction(List<Tensor> parameters);

  @Override
  void close();

  /** This process alone: sums are what they were. Needs no closing. */
  static ProcessGroup alone() {
    return SingleProcess.GROUP;
  }
}
