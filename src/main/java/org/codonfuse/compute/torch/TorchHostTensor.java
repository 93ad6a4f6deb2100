package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_host_tensor;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_tensor_free;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.Shape;

/** Memory of LibTorch, which is pinned where the device copies from that. */
final class TorchHostTensor implements HostTensor {
  private final MemorySegment handle;
  private final MemorySegment memory;
  private final Shape shape;
  private final Leak leak;
  private boolean closed;

  private TorchHostTensor(MemorySegment handle, MemorySegment memory, Shape shape) {
    this.handle = handle;
    this.memory = memory;
    this.shape = shape;
    this.leak = Leak.watch(this, "Host tensor", shape);
  }

  /** Takes memory that a device copies from. */
  @SuppressWarnings("restricted") // What LibTorch allocated has its size.
  static TorchHostTensor allocate(Device device, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment data = arena.allocate(ValueLayout.ADDRESS);
      Native.check(
          cf_host_tensor(
              Native.sizes(arena, shape),
              shape.rank(),
              Native.code(device.kind()),
              device.index(),
              out,
              data));
      MemorySegment memory = data.get(ValueLayout.ADDRESS, 0);
      return new TorchHostTensor(
          out.get(ValueLayout.ADDRESS, 0),
          memory.reinterpret(Math.multiplyExact(shape.size(), (long) Float.BYTES)),
          shape);
    }
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public void write(long offset, float[] values, int from, int length) {
    requireOpen();
    MemorySegment.copy(values, from, memory, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, length);
  }

  @Override
  public void clear(long offset, long length) {
    requireOpen();
    memory.asSlice(offset * Float.BYTES, length * Float.BYTES).fill((byte) 0);
  }

  @Override
  public float[] toFloats() {
    requireOpen();
    return memory.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cf_tensor_free(handle);
      leak.released();
    }
  }

  MemorySegment handle() {
    requireOpen();
    return handle;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The host tensor " + shape + " was used after it was closed");
    }
  }
}
