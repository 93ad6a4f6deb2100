package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_begin;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_end;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_free;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_source;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_tensor_free;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.ElementBytes;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Shape;

/** A native read. */
final class TorchRead implements HostRead {
  private final MemorySegment handle;
  private final Shape shape;
  private final DType dtype;
  private final boolean owned;
  private final Leak leak;

  /** Once they are there. */
  private Elements there;

  private boolean closed;

  private record Elements(MemorySegment bytes, float largest) {}

  /** Takes a native read. */
  TorchRead(MemorySegment handle, Shape shape, DType dtype) {
    this(handle, shape, dtype, true);
  }

  private TorchRead(MemorySegment handle, Shape shape, DType dtype, boolean owned) {
    this.handle = handle;
    this.shape = shape;
    this.dtype = dtype;
    this.owned = owned;
    this.leak = Leak.watch(this, "Read", shape);
  }

  /** Begins to read a floating point tensor. */
  static TorchRead begin(MemorySegment source, Shape shape, DType dtype) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_read_begin(source, Native.code(dtype), out));
      return new TorchRead(out.get(ValueLayout.ADDRESS, 0), shape, dtype);
    }
  }

  /** The same read for one launch of a recording, which begins it anew with each. */
  TorchRead borrowed() {
    return new TorchRead(handle, shape, dtype, false);
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public MemorySegment bytes() {
    return elements().bytes;
  }

  @Override
  public float[] await() {
    return ElementBytes.toFloats(bytes(), dtype);
  }

  @Override
  public float largest() {
    return elements().largest;
  }

  @Override
  public synchronized float[] source() {
    if (fits()) {
      return await();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_read_source(handle, out));
      MemorySegment source = out.get(ValueLayout.ADDRESS, 0);
      try {
        return TorchTensor.floats(source, shape);
      } finally {
        cf_tensor_free(source);
      }
    }
  }

  @SuppressWarnings("restricted") // The size of what the library lends is known here alone.
  private synchronized Elements elements() {
    if (closed) {
      throw new IllegalStateException("The read of " + shape + " was used after it was closed");
    }
    if (there == null) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(ValueLayout.ADDRESS);
        MemorySegment largest = arena.allocate(ValueLayout.JAVA_FLOAT);
        Native.check(cf_read_end(handle, data, largest));
        long size = Math.multiplyExact(shape.size(), (long) dtype.bytes());
        MemorySegment bytes =
            size == 0
                ? MemorySegment.ofArray(new byte[0])
                : data.get(ValueLayout.ADDRESS, 0).reinterpret(size);
        there = new Elements(bytes.asReadOnly(), largest.get(ValueLayout.JAVA_FLOAT, 0));
      }
    }
    return there;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      there = null;
      if (owned) {
        cf_read_free(handle);
      }
      leak.released();
    }
  }
}
