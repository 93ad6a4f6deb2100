package org.codonfuse.compute.vector;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.codonfuse.compute.DType;

/** Where the values of a tensor are. */
sealed interface Storage {
  /** Called by every tensor that begins to use it but the first. */
  void retain();

  /** Called by every tensor that is released. */
  void release();

  /**
   * A Java array: {@code float[]} for float32, bfloat16 and float16 (rounded to what the type can
   * hold), {@code double[]}, {@code long[]} or {@code boolean[]}; perhaps longer than the tensor.
   */
  final class Values implements Storage {
    final Object array;
    private final Buffers buffers;
    private final AtomicInteger users = new AtomicInteger(1);

    /** Left to the garbage collector after its last user. */
    Values(Object array) {
      this(array, null);
    }

    /** Given back after its last user. */
    Values(float[] array, Buffers buffers) {
      this((Object) array, buffers);
    }

    private Values(Object array, Buffers buffers) {
      this.array = array;
      this.buffers = buffers;
    }

    @Override
    public void retain() {
      if (users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
        throw new IllegalStateException("A tensor was used while its scope closed");
      }
    }

    @Override
    public void release() {
      if (users.decrementAndGet() == 0 && buffers != null) {
        buffers.give((float[]) array);
      }
    }
  }

  /**
   * Memory outside of the heap, such as a mapped file, in little-endian order; it belongs to
   * whoever made the tensor.
   *
   * @param stored float32, bfloat16 or float16; widened when it is read
   */
  record Mapped(MemorySegment segment, DType stored) implements Storage {
    @Override
    public void retain() {}

    @Override
    public void release() {}
  }

  /** A weight laid out for products, and nothing else. */
  record Panels(PackedMatrix matrix) implements Storage {
    @Override
    public void retain() {}

    @Override
    public void release() {}
  }
}
