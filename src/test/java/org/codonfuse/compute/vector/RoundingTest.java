package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundingTest {
  /** What a bfloat16 cuts off: nothing, little, around one half, almost a unit. */
  private static final int[] CUT = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};

  /** Every bfloat16 number, infinities and NaN among them, and what lies around the next halves. */
  private static float[] everything() {
    float[] values = new float[CUT.length << 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(((i / CUT.length) << 16) | CUT[i % CUT.length]);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void toBfloat16IsThatOfEveryNumber(int bits) {
    float[] values = everything();
    try (Backend backend = new ForcedWidth(bits).open(2);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      float[] rounded =
          backend.cast(backend.tensor(values, Shape.of(values.length)), DType.BFLOAT16).toFloats();
      for (int i = 0; i < values.length; i++) {
        assertSameBits(values[i], Bfloat16.toFloat(Bfloat16.of(values[i])), rounded[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 8, 15, 16, 17, 31, 40})
  void onlyWhatIsAskedForIsRounded(int n) {
    float value = 0x1.005p0f;
    float[] values = new float[64];
    for (DType dtype : new DType[] {DType.BFLOAT16, DType.FLOAT16, DType.FLOAT32}) {
      Arrays.fill(values, value);
      Rounding.round(dtype, values, 5, n);
      float rounded =
          switch (dtype) {
            case BFLOAT16 -> 1;
            case FLOAT16 -> 0x1.004p0f;
            default -> value;
          };
      for (int i = 0; i < values.length; i++) {
        assertSameBits(i, i >= 5 && i < 5 + n ? rounded : value, values[i]);
      }
    }
  }

  @Test
  void whatIsNotHeldAsFloatIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Rounding.round(DType.INT64, new float[1], 0, 1));
  }

  private static void assertSameBits(float from, float expected, float actual) {
    if (Float.floatToRawIntBits(expected) != Float.floatToRawIntBits(actual)) {
      assertEquals(
          Integer.toHexString(Float.floatToRawIntBits(expected)),
          Integer.toHexString(Float.floatToRawIntBits(actual)),
          "rounding of " + Integer.toHexString(Float.floatToRawIntBits(from)));
    }
  }
}
