package org.codonfuse.compute;

/**
 * Float32 values in the host's memory where a device finds them without another copy: what is
 * prepared on one thread and computed with on another. Not owned by a scope: whoever makes one
 * closes it, on any thread; tensors that were made of it before stay. Used by one thread at a time,
 * but that several may write different parts.
 */
public interface HostTensor extends AutoCloseable {
  /** The sizes. */
  Shape shape();

  /**
   * Copies values to a place, before {@link Backend#tensor(HostTensor)}; those that were never
   * written are arbitrary.
   *
   * @param offset of the first in row-major order
   * @param values some of which are copied
   * @param from the first of these
   * @param length their number
   * @throws IndexOutOfBoundsException if there is no such place
   * @throws IllegalStateException after {@link #close}
   */
  void write(long offset, float[] values, int from, int length);

  /** Makes values zero; otherwise as {@link #write}. */
  void clear(long offset, long length);

  /**
   * A copy of all values in row-major order.
   *
   * @throws IllegalStateException after {@link #close}
   */
  float[] toFloats();

  @Override
  void close();

  /** Values in Java's memory, all zero at first. */
  static HostTensor onHeap(Shape shape) {
    return new HeapTensor(shape, new float[shape.intSize()]);
  }
}
