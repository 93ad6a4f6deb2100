package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.codonfuse.compute.Shape;

/**
 * A tensor to be written. The data are not copied: they must not change until the file is written.
 *
 * @param type element type as stored
 * @param shape its size times the type's size is the size of the data
 * @param data little-endian, row-major elements; a {@link MemorySegment} so that arrays, mapped
 *     files and native tensors are written alike
 */
public record TensorData(StoredType type, Shape shape, MemorySegment data)
    implements TensorContent {
  /** Checks the sizes. */
  public TensorData {
    if (data.byteSize() / type.bytes() != shape.size() || data.byteSize() % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "%d bytes for shape %s of %s".formatted(data.byteSize(), shape, type));
    }
  }

  /** A float32 tensor of row-major values. */
  public static TensorData of(Shape shape, float[] values) {
    return new TensorData(
        StoredType.F32,
        shape,
        littleEndian(MemorySegment.ofArray(values), ValueLayout.JAVA_FLOAT_UNALIGNED));
  }

  /** An int64 tensor of row-major values. */
  public static TensorData ofLongs(Shape shape, long[] values) {
    return new TensorData(
        StoredType.I64,
        shape,
        littleEndian(MemorySegment.ofArray(values), ValueLayout.JAVA_LONG_UNALIGNED));
  }

  private static MemorySegment littleEndian(MemorySegment values, ValueLayout layout) {
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      return values;
    }
    MemorySegment swapped = MemorySegment.ofArray(new byte[Math.toIntExact(values.byteSize())]);
    MemorySegment.copy(
        values,
        layout,
        0,
        swapped,
        layout.withOrder(ByteOrder.LITTLE_ENDIAN),
        0,
        values.byteSize() / layout.byteSize());
    return swapped;
  }
}
