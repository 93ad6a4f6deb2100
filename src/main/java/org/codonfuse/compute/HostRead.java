package org.codonfuse.compute;

import java.lang.foreign.MemorySegment;

/**
 * The values of a tensor on their way to the host's memory, see {@link Backend#read}. Any thread
 * may wait for them and close this, one at a time; it must be closed, waited for or not. It is
 * independent of the scope of the tensor. After {@link #close} every method is an {@link
 * IllegalStateException}.
 */
public interface HostRead extends AutoCloseable {
  /** What the values were converted to: float32, bfloat16 or float16. */
  DType dtype();

  /**
   * Waits for the values. A {@link MemorySegment}, so that they are used where the device put them:
   * memory that the next read may be given.
   *
   * @return all of them in row-major order and in the machine's order of bytes, read-only; not to
   *     be looked at any more after {@link #close}
   */
  MemorySegment bytes();

  /**
   * Waits for the values.
   *
   * @return all of them in row-major order, as numbers
   */
  float[] await();

  /**
   * Waits for the values. The device has looked: this costs the host nothing.
   *
   * @return the largest magnitude before they were converted; NaN if one of them is not a number, 0
   *     of none
   */
  float largest();

  /** Waits for the values. Whether all of them were finite before they were converted. */
  default boolean isFinite() {
    return Float.isFinite(largest());
  }

  /** Waits for the values. Whether all of them are finite. */
  default boolean fits() {
    return Float.isFinite(ElementBytes.round(largest(), dtype()));
  }

  /**
   * The values before they were converted, to say which one was not finite, or is not any more.
   *
   * @return all of them in row-major order; where all {@link #fits}, perhaps the converted ones
   */
  float[] source();

  /** Gives back what it holds. */
  @Override
  void close();
}
