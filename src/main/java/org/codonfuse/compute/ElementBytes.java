package org.codonfuse.compute;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers as float32, bfloat16 or float16 in memory, in the machine's order of bytes: that of
 * little-endian files wherever a backend runs.
 */
public final class ElementBytes {
  private ElementBytes() {}

  /** The nearest number of a type, ties to even; infinite where that is too large. */
  public static float round(float value, DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> value;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BFLOAT16 -> Bfloat16.toFloat(Bfloat16.of(value));
      default -> throw refused(dtype);
    };
  }

  /**
   * Numbers rounded to a type.
   *
   * @return their memory: a {@link MemorySegment}, because arrays and native memory are written
   *     alike; that of the array itself where nothing is rounded
   */
  public static MemorySegment of(float[] values, DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> MemorySegment.ofArray(values);
      case FLOAT16 -> {
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
          halves[i] = Float.floatToFloat16(values[i]);
        }
        yield MemorySegment.ofArray(halves);
      }
      case BFLOAT16 -> {
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
          halves[i] = Bfloat16.of(values[i]);
        }
        yield MemorySegment.ofArray(halves);
      }
      default -> throw refused(dtype);
    };
  }

  /** The numbers in memory, exactly; a {@link MemorySegment} for the reason of {@link #of}. */
  public static float[] toFloats(MemorySegment bytes, DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      case FLOAT16 -> {
        short[] halves = bytes.toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
        float[] values = new float[halves.length];
        for (int i = 0; i < halves.length; i++) {
          values[i] = Float.float16ToFloat(halves[i]);
        }
        yield values;
      }
      case BFLOAT16 -> {
        short[] halves = bytes.toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
        float[] values = new float[halves.length];
        for (int i = 0; i < halves.length; i++) {
          values[i] = Bfloat16.toFloat(halves[i]);
        }
        yield values;
      }
      default -> throw refused(dtype);
    };
  }

  private static IllegalArgumentException refused(DType dtype) {
    return new IllegalArgumentException(dtype + " is not FLOAT32, BFLOAT16 or FLOAT16");
  }
}
