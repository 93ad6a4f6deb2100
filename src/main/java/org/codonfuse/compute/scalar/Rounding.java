package org.codonfuse.compute.scalar;

import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;

/** Rounding of float32 to the shorter floating point types: to nearest, ties to even. */
final class Rounding {
  private Rounding() {}

  /** Rounds every value to what the element type can hold, in place. */
  static float[] round(DType dtype, float[] values) {
    switch (dtype) {
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Bfloat16.toFloat(Bfloat16.of(values[i]));
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
        }
      }
      case FLOAT32 -> {}
      default -> throw new IllegalArgumentException(dtype + " is not kept as float");
    }
    return values;
  }
}
