package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import jdk.incubator.vector.FloatVector;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;

/** Rounding of float32 to the shorter floating point types: to nearest, ties to even. */
final class Rounding {
  private Rounding() {}

  /** Rounds values to what the element type can hold, in place. */
  static void round(DType dtype, float[] values, int from, int n) {
    switch (dtype) {
      case FLOAT32 -> {}
      case BFLOAT16 -> {
        int whole = FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += LANES) {
          Lanes.roundToBfloat16(FloatVector.fromArray(FLOATS, values, from + i))
              .intoArray(values, from + i);
        }
        for (int i = whole; i < n; i++) {
          values[from + i] = Bfloat16.toFloat(Bfloat16.of(values[from + i]));
        }
      }
      case FLOAT16 -> {
        for (int i = from; i < from + n; i++) {
          values[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
        }
      }
      default -> throw new IllegalArgumentException(dtype + " is not kept as float");
    }
  }
}
