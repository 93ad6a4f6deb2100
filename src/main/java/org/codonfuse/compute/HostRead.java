package org.codonfuse.compute;

/**
 * The values of a tensor on their way to the host's memory, see {@link Backend#read}. Any thread
 * may wait for them and close this, one at a time; it must be closed, waited for or not. It is
 * independent of the scope of the tensor.
 */
public interface HostRead extends AutoCloseable {
  /**
   * Waits for the values.
   *
   * @return all of them in row-major order
   * @throws IllegalStateException after {@link #close}
   */
  float[] await();

  /** Gives back what it holds. */
  @Override
  void close();
}
