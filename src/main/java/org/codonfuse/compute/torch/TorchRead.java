package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_begin;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_end;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_read_free;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Shape;

/** A native read of float32 elements. */
final class TorchRead implements HostRead {
  private final MemorySegment handle;
  private final Shape shape;
  private final Leak leak;
  private boolean closed;

  /** Takes a native read of float32 elements. */
  TorchRead(MemorySegment handle, Shape shape) {
    this.handle = handle;
    this.shape = shape;
    this.leak = Leak.watch(this, "Read", shape);
  }

  /**
   * Begins to read.
   *
   * @param source float32
   */
  static TorchRead begin(MemorySegment source, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_read_begin(source, out));
      return new TorchRead(out.get(ValueLayout.ADDRESS, 0), shape);
    }
  }

  @Override
  public synchronized float[] await() {
    if (closed) {
      throw new IllegalStateException("The read of " + shape + " was used after it was closed");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, shape.intSize());
      Native.check(cf_read_end(handle, values, values.byteSize()));
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      cf_read_free(handle);
      leak.released();
    }
  }
}
