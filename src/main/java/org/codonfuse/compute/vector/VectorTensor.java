package org.codonfuse.compute.vector;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** A tensor in row-major order in a {@link Storage}, which views of it share. */
final class VectorTensor extends Tensor {
  /** What a tensor that is a weight has been laid out for. */
  enum Layout {
    LINEAR,
    CONVOLUTION,
    TRANSPOSED_CONVOLUTION
  }

  private record Laid(Layout layout, PackedMatrix matrix) {}

  /** Floats in an array from an index on. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Floats(float[] array, int offset) {}

  private final int offset;

  /** Makes room where the heap has none. */
  private final Buffers buffers;

  private volatile Storage storage;
  private volatile Floats widened;
  private volatile Laid laid;

  VectorTensor(Shape shape, DType dtype, Storage storage, int offset, Buffers buffers) {
    super(shape, dtype);
    this.storage = storage;
    this.buffers = buffers;
    this.offset = offset;
  }

  /**
   * A tensor as this backend's.
   *
   * @throws IllegalArgumentException if it is another backend's
   */
  static VectorTensor of(Tensor tensor) {
    if (tensor instanceof VectorTensor vector) {
      return vector;
    }
    throw new IllegalArgumentException("Tensor " + tensor + " is not of the vector backend");
  }

  /** The storage, in which the first value is at {@link #offset}. */
  Storage storage() {
    Storage current = storage;
    requireOpen();
    if (current instanceof Storage.Panels) {
      throw new IllegalArgumentException(this + " was packed and is good for linear only");
    }
    return current;
  }

  int offset() {
    return offset;
  }

  /** The same values as another tensor. */
  VectorTensor view(Shape shape, DType dtype) {
    return view(shape, dtype, 0);
  }

  /** Consecutive values from {@code from} on as another tensor. */
  VectorTensor view(Shape shape, DType dtype, long from) {
    Storage shared = storage();
    if (shared instanceof Storage.Mapped(MemorySegment segment, DType stored)) {
      MemorySegment part = segment.asSlice(from * stored.bytes(), shape.size() * stored.bytes());
      return new VectorTensor(shape, dtype, new Storage.Mapped(part, stored), 0, buffers);
    }
    shared.retain();
    return new VectorTensor(shape, dtype, shared, Math.toIntExact(offset + from), buffers);
  }

  /**
   * The values of a float32, bfloat16 or float16 tensor; those of mapped memory are read once.
   *
   * @throws IllegalArgumentException for other element types
   */
  Floats floats() {
    Storage current = storage();
    if (current instanceof Storage.Values values) {
      if (values.array instanceof float[] floats) {
        return new Floats(floats, offset);
      }
      throw new IllegalArgumentException("Cast " + this + " to FLOAT32 first to compute with it");
    }
    Floats known = widened;
    if (known == null) {
      known = new Floats(buffers.allocate(shape().intSize(), Float.BYTES, float[]::new), 0);
      copy(0, known.array, 0, known.array.length);
      widened = known;
    }
    return known;
  }

  /**
   * The weight as a matrix of a layout, which is kept.
   *
   * @param pack makes it where it has not been asked for
   */
  PackedMatrix laid(Layout layout, Supplier<PackedMatrix> pack) {
    Laid known = laid;
    if (known == null || known.layout != layout) {
      known = new Laid(layout, pack.get());
      laid = known;
    }
    return known.matrix;
  }

  /** Of a tensor from {@link org.codonfuse.compute.Backend#pack}; null of others. */
  PackedMatrix panels() {
    Storage current = storage;
    requireOpen();
    return current instanceof Storage.Panels(PackedMatrix matrix) ? matrix : null;
  }

  /** Copies {@code n} values from the {@code from}-th on into an array of the element type. */
  void copy(long from, Object to, int at, int n) {
    switch (storage()) {
      case Storage.Values values -> {
        if (to instanceof float[] && !(values.array instanceof float[])) {
          throw new IllegalArgumentException(
              "Cast " + this + " to FLOAT32 first to compute with it");
        }
        System.arraycopy(values.array, Math.toIntExact(offset + from), to, at, n);
      }
      case Storage.Mapped(MemorySegment segment, DType stored) ->
          Rows.read(segment, stored, from, (float[]) to, at, n);
      case Storage.Panels _ -> throw new AssertionError();
    }
  }

  /** The array of a bool tensor, from {@link #offset} on. */
  boolean[] booleans() {
    return (boolean[]) ((Storage.Values) storage()).array;
  }

  int dim(int axis) {
    return shape().intDim(axis);
  }

  @Override
  public float[] toFloats() {
    int n = shape().intSize();
    float[] result = buffers.allocate(n, Float.BYTES, float[]::new);
    if (storage() instanceof Storage.Values values && !(values.array instanceof float[])) {
      for (int i = 0; i < n; i++) {
        result[i] =
            switch (values.array) {
              case double[] doubles -> (float) doubles[offset + i];
              case long[] longs -> longs[offset + i];
              case boolean[] booleans -> booleans[offset + i] ? 1 : 0;
              default -> throw new AssertionError(this);
            };
      }
    } else {
      copy(0, result, 0, n);
    }
    return result;
  }

  @Override
  public long[] toLongs() {
    int n = shape().intSize();
    long[] result = new long[n];
    switch (storage() instanceof Storage.Values values ? values.array : null) {
      case long[] longs -> System.arraycopy(longs, offset, result, 0, n);
      case boolean[] booleans -> {
        for (int i = 0; i < n; i++) {
          result[i] = booleans[offset + i] ? 1 : 0;
        }
      }
      case null, default -> throw new IllegalArgumentException("toLongs() of " + this);
    }
    return result;
  }

  @Override
  protected void free() {
    Storage current = storage;
    storage = null;
    widened = null;
    laid = null;
    current.release();
  }
}
