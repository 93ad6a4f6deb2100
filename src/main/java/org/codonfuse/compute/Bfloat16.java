package org.codonfuse.compute;

/** The upper half of a float32's bits. */
public final class Bfloat16 {
  private Bfloat16() {}

  /** The nearest bfloat16, ties to even; NaN stays NaN, what is too large becomes infinite. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Exactly the same number. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
