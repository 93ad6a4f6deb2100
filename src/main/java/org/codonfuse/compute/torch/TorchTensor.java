package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_INFERENCE;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_cast;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_tensor_free;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_tensor_read;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** A reference to a LibTorch tensor, given back when the owning scope closes. */
final class TorchTensor extends Tensor {
  private final MemorySegment handle;
  private final Leak leak;

  private Tape.Place place;

  /** Of an INT64 tensor, once something asked. */
  private volatile Range range;

  /** The smallest and the largest value; {@code min > max} of none. */
  private record Range(long min, long max) {
    static Range of(long[] values) {
      long min = Long.MAX_VALUE;
      long max = Long.MIN_VALUE;
      for (long value : values) {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      return new Range(min, max);
    }
  }

  TorchTensor(MemorySegment handle, Shape shape, DType dtype) {
    super(shape, dtype);
    this.handle = handle;
    this.leak = Leak.watch(this, "Tensor", shape);
  }

  /** What stands for the result of a step that is not computed operation by operation. */
  static TorchTensor placeholder(Shape shape, DType dtype) {
    return new TorchTensor(MemorySegment.NULL, shape, dtype);
  }

  /** Its place in the step that computes it. */
  void takes(Tape.Place of) {
    place = of;
  }

  Optional<Tape.Place> place() {
    return Optional.ofNullable(place);
  }

  /** The native reference of a tensor that was not released. */
  static MemorySegment handle(Tensor tensor) {
    return of(tensor).handle();
  }

  static TorchTensor of(Tensor tensor) {
    if (tensor instanceof TorchTensor torch) {
      return torch;
    }
    throw new IllegalArgumentException("Tensor " + tensor + " belongs to another backend");
  }

  private MemorySegment handle() {
    requireOpen();
    return handle;
  }

  /** Notes the values that this tensor was made from, which saves reading them back. */
  void madeFrom(long[] values) {
    range = Range.of(values);
  }

  /**
   * Fails unless all values index an axis of this size. LibTorch itself checks on the CPU only; on
   * CUDA the process could not use the device any more.
   */
  void requireIndices(String operation, long size) {
    Range known = range;
    if (known == null) {
      known = Range.of(toLongs());
      range = known;
    }
    if (known.min <= known.max && (known.min < 0 || known.max >= size)) {
      throw new IndexOutOfBoundsException(
          operation
              + ": "
              + (known.min < 0 ? known.min : known.max)
              + " is not in [0, "
              + size
              + ")");
    }
  }

  /** The native reference of a tensor that has values. */
  private MemorySegment computed() {
    MemorySegment source = handle();
    if (source.equals(MemorySegment.NULL)) {
      throw new Tape.Diverged("the values of " + this + " are asked for");
    }
    return source;
  }

  @Override
  public float[] toFloats() {
    MemorySegment source = computed();
    return dtype() == DType.FLOAT32 ? readFloats(source, shape()) : floats(source, shape());
  }

  /** The values of a native tensor of any element type. */
  static float[] floats(MemorySegment source, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_cast(CF_INFERENCE(), source, Native.code(DType.FLOAT32), out));
      MemorySegment converted = out.get(ValueLayout.ADDRESS, 0);
      try {
        return readFloats(converted, shape);
      } finally {
        cf_tensor_free(converted);
      }
    }
  }

  @Override
  public long[] toLongs() {
    MemorySegment source = computed();
    try (Arena arena = Arena.ofConfined()) {
      if (dtype() == DType.INT64) {
        return read(arena, source).toArray(ValueLayout.JAVA_LONG);
      }
      if (dtype() != DType.BOOL) {
        throw new IllegalArgumentException("toLongs: needs INT64 or BOOL, got " + this);
      }
      byte[] bytes = read(arena, source).toArray(ValueLayout.JAVA_BYTE);
      long[] values = new long[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        values[i] = bytes[i];
      }
      return values;
    }
  }

  @Override
  protected void free() {
    cf_tensor_free(handle); // A placeholder has none, which is no matter.
    leak.released();
  }

  private static float[] readFloats(MemorySegment source, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, shape.intSize());
      Native.check(cf_tensor_read(source, values, values.byteSize()));
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private MemorySegment read(Arena arena, MemorySegment source) {
    long bytes = Math.multiplyExact(shape().intSize(), (long) dtype().bytes());
    MemorySegment values = arena.allocate(bytes, dtype().bytes());
    Native.check(cf_tensor_read(source, values, bytes));
    return values;
  }
}
