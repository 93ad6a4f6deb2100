package org.codonfuse.embedding;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;
import org.codonfuse.weights.LittleEndian;

/**
 * Turns float32 into the little-endian bytes of stored rows, rounded to nearest even, a piece at a
 * time. Not for several threads at once.
 */
final class RowEncoder {
  private static final int PIECE = 1 << 16;

  private final DType stored;
  private final short[] halves = new short[PIECE];
  private final MemorySegment bytes;

  /**
   * @param stored float32, bfloat16 or float16
   */
  RowEncoder(DType stored) {
    this.stored = stored;
    this.bytes = MemorySegment.ofArray(new byte[PIECE * stored.bytes()]);
  }

  /**
   * Converts values.
   *
   * @param values finite
   * @param sink takes the bytes piece by piece; it must not keep them
   * @param overflow takes the index of the first value, if any, that is too large; nothing from the
   *     piece with it on is converted then
   */
  void encode(float[] values, Consumer<MemorySegment> sink, IntConsumer overflow) {
    for (int from = 0; from < values.length; from += PIECE) {
      int count = Math.min(PIECE, values.length - from);
      switch (stored) {
        case FLOAT32 -> MemorySegment.copy(values, from, bytes, LittleEndian.FLOAT32, 0, count);
        case FLOAT16 -> {
          for (int i = 0; i < count; i++) {
            halves[i] = Float.floatToFloat16(values[from + i]);
          }
          if (store(from, count, 0x7c00, overflow)) {
            return;
          }
        }
        case BFLOAT16 -> {
          for (int i = 0; i < count; i++) {
            halves[i] = Bfloat16.of(values[from + i]);
          }
          if (store(from, count, 0x7f80, overflow)) {
            return;
          }
        }
        default -> throw new IllegalStateException("Rows are not stored as " + stored);
      }
      sink.accept(bytes.asSlice(0, (long) count * stored.bytes()));
    }
  }

  private boolean store(int from, int count, int infinity, IntConsumer overflow) {
    for (int i = 0; i < count; i++) {
      if ((halves[i] & infinity) == infinity) {
        overflow.accept(from + i);
        return true;
      }
    }
    MemorySegment.copy(halves, 0, bytes, LittleEndian.INT16, 0, count);
    return false;
  }
}
