package org.codonfuse.compute.scalar;

import org.codonfuse.compute.DType;

/** Rounding of float32 to the shorter floating point types: to nearest, ties to even. */
final class Rounding {
  private Rounding() {}

  /** Rounds every value to what the element type can hold, in place. */
  static float[] round(DType dtype, float[] values) {
    switch (dtype) {
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = toBfloat16(values[i]);
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

  /** The upper half of the bits of a float is the bfloat16 that it begins with. */
  static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  private static float toBfloat16(float value) {
    if (Float.isNaN(value)) {
      return Float.NaN;
    }
    int bits = Float.floatToRawIntBits(value);
    int lastKept = (bits >>> 16) & 1;
    return Float.intBitsToFloat((bits + 0x7fff + lastKept) & 0xffff0000);
  }
}
