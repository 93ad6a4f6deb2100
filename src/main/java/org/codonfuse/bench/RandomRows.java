package org.codonfuse.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;

/** Values in native memory, as in a mapped file, that backends can compute with in place. */
final class RandomRows {
  /** Values until they repeat: drawing every one of them would take longer than measuring. */
  private static final int PERIOD = 1 << 18;

  private static final long ALIGNMENT = 64;

  private RandomRows() {}

  /** Floating point values in [−1, 1). */
  static MemorySegment allocate(Arena arena, DType dtype, Shape shape) {
    long bytes = shape.size() * dtype.bytes();
    MemorySegment rows = arena.allocate(bytes, ALIGNMENT);
    long drawn = Math.min(bytes, (long) PERIOD * dtype.bytes());
    draw(rows, dtype, drawn / dtype.bytes());
    for (long filled = drawn; filled < bytes; filled += drawn) {
      MemorySegment.copy(rows, 0, rows, filled, Math.min(drawn, bytes - filled));
    }
    return rows;
  }

  private static void draw(MemorySegment rows, DType dtype, long count) {
    Random random = new Random(count);
    for (long i = 0; i < count; i++) {
      float value = 2 * random.nextFloat() - 1;
      switch (dtype) {
        case FLOAT32 -> rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        case BFLOAT16 -> rows.setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16.of(value));
        case FLOAT16 -> rows.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
        case FLOAT64, INT64, BOOL ->
            throw new IllegalArgumentException("No kernel reads rows of " + dtype);
      }
    }
  }
}
