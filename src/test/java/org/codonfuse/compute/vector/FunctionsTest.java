package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The errors that {@link Functions} states, against double arithmetic. */
class FunctionsTest {
  /** Around 88.7, where e^x or e^−x overflows, and 150, where other things might. */
  private static final float LARGEST_ARGUMENT = 160;

  private static final float[] ARGUMENTS = arguments();

  /** All magnitudes in steps of a part of their own, and equal steps where functions bend. */
  private static float[] arguments() {
    int largest = Float.floatToIntBits(LARGEST_ARGUMENT);
    int step = 10007;
    int magnitudes = largest / step;
    int linear = 100_000;
    float[] x = new float[2 * magnitudes + linear];
    for (int i = 0; i < magnitudes; i++) {
      x[2 * i] = Float.intBitsToFloat(i * step);
      x[2 * i + 1] = -x[2 * i];
    }
    for (int i = 0; i < linear; i++) {
      x[2 * magnitudes + i] = (i - linear / 2) * (float) (20.0 / linear);
    }
    return x;
  }

  private static float[] apply(Unary function, float... x) {
    float[] y = new float[x.length];
    Functions.apply(function, x, 0, y, 0, x.length);
    return y;
  }

  private interface Bound {
    double of(double expected);
  }

  private static void within(Unary function, DoubleUnaryOperator exact, Bound bound) {
    float[] y = apply(function, ARGUMENTS);
    for (int i = 0; i < y.length; i++) {
      double expected = exact.applyAsDouble(ARGUMENTS[i]);
      boolean close =
          (Float.isInfinite(y[i]) || Double.isNaN(expected))
              ? Float.compare((float) expected, y[i]) == 0
              : Math.abs(y[i] - expected) <= bound.of(expected);
      if (!close) {
        fail("%s of %s is %s instead of %s".formatted(function, ARGUMENTS[i], y[i], expected));
      }
    }
  }

  /** Units in the last place, from a number on below which zero is as good. */
  private static Bound units(double count, double smallest) {
    return expected ->
        Math.abs(expected) < smallest
            ? Math.abs(expected) + Float.MIN_VALUE
            : count * Math.ulp((float) expected);
  }

  @Test
  void gelu() {
    within(
        Unary.GELU,
        x -> x * 0.5 * Erf.erfc(-x / Math.sqrt(2)),
        expected -> Math.max(8.3e-7, 2e-6 * Math.abs(expected)));
  }

  @Test
  void tanh() {
    within(Unary.TANH, Math::tanh, expected -> 3.2e-7 * Math.abs(expected) + Float.MIN_VALUE);
  }

  @Test
  void exp() {
    within(Unary.EXP, Math::exp, units(2, 1.67e-38));
  }

  @Test
  void sigmoid() {
    within(Unary.SIGMOID, x -> 1 / (1 + Math.exp(-x)), units(4, Float.MIN_NORMAL));
  }

  @Test
  void silu() {
    within(Unary.SILU, x -> x / (1 + Math.exp(-x)), units(4, 2.7e-37));
  }

  @Test
  void log() {
    within(Unary.LOG, Math::log, units(1, 0));
  }

  @Test
  void farOutTheyAreTheirLimits() {
    float[] far = {-Float.MAX_VALUE, -1e30f, -1000, -200, 200, 1000, 1e30f, Float.MAX_VALUE};
    for (float x : far) {
      boolean positive = x > 0;
      assertEquals(positive ? x : 0, Math.abs(apply(Unary.GELU, x)[0]));
      assertEquals(positive ? x : 0, Math.abs(apply(Unary.SILU, x)[0]));
      assertEquals(positive ? 1 : -1, apply(Unary.TANH, x)[0]);
      assertEquals(positive ? 1 : 0, apply(Unary.SIGMOID, x)[0]);
      assertEquals(positive ? Float.POSITIVE_INFINITY : 0, apply(Unary.EXP, x)[0]);
    }
  }

  @Test
  void limitsAreReachedMonotonously() {
    float[] x = new float[40_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - x.length / 2) * 0.01f;
    }
    for (Unary function : new Unary[] {Unary.TANH, Unary.SIGMOID, Unary.EXP}) {
      float[] y = apply(function, x);
      for (int i = 1; i < x.length; i++) {
        // Neighbours err in either direction.
        assertTrue(y[i] + 6 * Math.ulp(y[i]) >= y[i - 1], function + " at " + x[i]);
      }
    }
    for (float y : apply(Unary.TANH, ARGUMENTS)) {
      assertTrue(Math.abs(y) <= 1, () -> "tanh is " + y);
    }
    for (float y : apply(Unary.SIGMOID, ARGUMENTS)) {
      assertTrue(y >= 0 && y <= 1, () -> "sigmoid is " + y);
    }
  }

  @Test
  void expEndsWhereFloat32Does() {
    float last = 88.72283f;
    float[] y = apply(Unary.EXP, last, Math.nextUp(last), -86.98f, -87, -1e-30f, -0f);
    assertEquals((float) Math.exp(last), y[0], 2 * Math.ulp(y[0]));
    assertEquals(Float.POSITIVE_INFINITY, y[1]);
    assertEquals((float) Math.exp(-86.98f), y[2], 2 * Math.ulp(y[2]));
    assertEquals(0, y[3]);
    assertEquals(1, y[4]);
    assertEquals(1, y[5]);
  }

  @ParameterizedTest
  @EnumSource
  void everyPlaceAndLengthGivesTheSameBitsAndNothingElseIsWritten(Unary function) {
    float[] x = mixed(200);
    float[] expected = apply(function, x);
    for (int from = 0; from < 20; from++) {
      for (int n = 0; n <= 70; n++) {
        float[] y = new float[100];
        Arrays.fill(y, 77);
        int to = (from * 7 + n) % 20;
        Functions.apply(function, x, from, y, to, n);
        for (int i = 0; i < y.length; i++) {
          float wanted = i < to || i >= to + n ? 77 : expected[from + i - to];
          assertEquals(Float.floatToIntBits(wanted), Float.floatToIntBits(y[i]));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void everyWidthGivesTheSameBits(int bits) {
    float[] x = mixed(2001);
    try (Backend backend = new ForcedWidth(bits).open(1);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor tensor = backend.tensor(x, Shape.of(x.length));
      for (Unary function : Unary.values()) {
        float[] y = backend.unary(function, tensor).toFloats();
        assertArrayEquals(apply(function, x), y, function.name());
      }
    }
  }

  /** Values of all magnitudes, and special ones. */
  private static float[] mixed(int n) {
    Random random = new Random(n);
    float[] special = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, Float.MIN_VALUE
    };
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] =
          random.nextInt(8) == 0
              ? special[random.nextInt(special.length)]
              : (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-3, 3)));
    }
    return x;
  }
}
