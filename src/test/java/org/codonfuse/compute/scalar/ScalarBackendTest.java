package org.codonfuse.compute.scalar;

import static org.codonfuse.compute.Comparison.assertClose;
import static org.codonfuse.compute.Tolerances.EXACT;
import static org.codonfuse.compute.Tolerances.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Tolerances.Tolerance;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every operation against values computed by hand, from formulas, or where it says so by PyTorch.
 */
class ScalarBackendTest {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  private final ScalarBackend backend = new ScalarBackend();
  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = backend.openScope(Mode.INFERENCE);
  }

  @AfterEach
  void closeScope() {
    scope.close();
    backend.close();
  }

  @Test
  void castsRoundToNearestEven() {
    Tensor x =
        vector(1 + 0x1p-8f, 1 + 3 * 0x1p-8f, -3.1415927f, 1e38f, 3.4e38f, 1e-40f, NAN, -INFINITY);
    // The first six as PyTorch rounds them.
    check(
        backend.cast(x, DType.BFLOAT16),
        1,
        1.015625f,
        -3.140625f,
        9.96921E+37f,
        INFINITY,
        9.1835E-41f,
        NAN,
        -INFINITY);
    Tensor halves = vector(1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65504, 65519, 65520, 0x1p-25f, NAN);
    check(backend.cast(halves, DType.FLOAT16), 1, 1 + 0x1p-9f, 65504, 65504, INFINITY, 0, NAN);
    check(backend.cast(vector(-1.9f, 0.9f, 3), DType.INT64), -1, 0, 3);
    check(backend.cast(vector(0, -0f, 0.1f, NAN), DType.BOOL), 0, 0, 1, 1);
    check(backend.cast(vector(0.1f), DType.FLOAT64), 0.1f);
  }

  @Test
  void shortTypesRoundResults() {
    Tensor x = backend.cast(vector(1, 1), DType.BFLOAT16);
    Tensor y = backend.cast(vector(0x1p-8f, 3 * 0x1p-8f), DType.BFLOAT16);
    check(backend.binary(Binary.ADD, x, y), 1, 1 + 0x1p-6f);
  }

  @Test
  void movesValues() {
    Tensor x = sequence(2, 3);
    check(backend.reshape(x, Shape.of(3, 2)), Shape.of(3, 2), 0, 1, 2, 3, 4, 5);
    check(backend.transpose(x, 0, 1), Shape.of(3, 2), 0, 3, 1, 4, 2, 5);
    check(
        backend.transpose(sequence(2, 2, 3), 0, 2),
        Shape.of(3, 2, 2),
        0,
        6,
        3,
        9,
        1,
        7,
        4,
        10,
        2,
        8,
        5,
        11);
    check(
        backend.transpose(sequence(2, 2, 3), 0, 1),
        Shape.of(2, 2, 3),
        0,
        1,
        2,
        6,
        7,
        8,
        3,
        4,
        5,
        9,
        10,
        11);
    check(backend.narrow(x, 1, 1, 2), Shape.of(2, 2), 1, 2, 4, 5);
    check(backend.narrow(x, 0, 1, 1), Shape.of(1, 3), 3, 4, 5);
    check(backend.narrow(x, 0, 2, 0), Shape.of(0, 3));
    Tensor y = backend.full(9, Shape.of(2, 1));
    check(backend.concat(List.of(x, y), 1), Shape.of(2, 4), 0, 1, 2, 9, 3, 4, 5, 9);
    check(backend.concat(List.of(x, x), 0), Shape.of(4, 3), 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
  }

  @Test
  void appliesFunctions() {
    // x · Φ(x) from PyTorch in float64.
    close(
        backend.unary(Unary.GELU, vector(-6, -3, -1, -0.5f, 0, 0.5f, 1, 3, 6)),
        -5.919525869479969E-9,
        -0.00404969409489031,
        -0.15865525393145702,
        -0.15426876936299344,
        0,
        0.34573123063700656,
        0.841344746068543,
        2.99595030590511,
        5.999999994080474);
    check(backend.unary(Unary.RELU, vector(-1, 0, 2, NAN, -INFINITY)), 0, 0, 2, NAN, 0);
    close(
        backend.unary(Unary.SILU, vector(-1, 0, 2)), -1 / (1 + Math.E), 0, 2 / (1 + Math.exp(-2)));
    close(backend.unary(Unary.SIGMOID, vector(-1, 0, 800)), 1 / (1 + Math.E), 0.5, 1);
    close(backend.unary(Unary.TANH, vector(-1, 0, 40)), Math.tanh(-1), 0, 1);
    close(backend.unary(Unary.EXP, vector(-1, 0, 1, 100)), 1 / Math.E, 1, Math.E, INFINITY);
    close(backend.unary(Unary.LOG, vector(-1, 0, 1, 2)), NAN, -INFINITY, 0, Math.log(2));
    check(backend.affine(vector(-1, 0, 3), 2, 0.5), -1.5f, 0.5f, 6.5f);
    check(backend.clamp(vector(-2, 0, 3, NAN), -1, 2), -1, 0, 2, NAN);
  }

  @Test
  void broadcasts() {
    Tensor column = backend.tensor(new float[] {1, 2}, Shape.of(2, 1));
    Tensor row = vector(4, 0, 8);
    check(backend.binary(Binary.ADD, column, row), Shape.of(2, 3), 5, 1, 9, 6, 2, 10);
    check(backend.binary(Binary.SUBTRACT, column, row), Shape.of(2, 3), -3, 1, -7, -2, 2, -6);
    check(backend.binary(Binary.MULTIPLY, column, row), Shape.of(2, 3), 4, 0, 8, 8, 0, 16);
    check(
        backend.binary(Binary.DIVIDE, column, row),
        Shape.of(2, 3),
        0.25f,
        INFINITY,
        0.125f,
        0.5f,
        INFINITY,
        0.25f);
    Tensor cube = backend.tensor(new float[] {10, 20, 30, 40}, Shape.of(2, 1, 2));
    check(
        backend.binary(Binary.ADD, cube, column),
        Shape.of(2, 2, 2),
        11,
        21,
        12,
        22,
        31,
        41,
        32,
        42);
  }

  @Test
  void reduces() {
    Tensor x = sequence(2, 3);
    check(backend.sum(x, 0), Shape.of(3), 3, 5, 7);
    check(backend.sum(x, -1), Shape.of(2), 3, 12);
    check(backend.mean(x, 0), Shape.of(3), 1.5f, 2.5f, 3.5f);
    check(backend.sum(backend.full(1, Shape.of(0, 2)), 0), Shape.of(2), 0, 0);
    check(backend.mean(backend.full(1, Shape.of(0, 2)), 0), Shape.of(2), NAN, NAN);
    close(
        backend.softmax(vector(1000, 1001, 1000)),
        1 / (2 + Math.E),
        Math.E / (2 + Math.E),
        1 / (2 + Math.E));
    check(backend.softmax(vector(-INFINITY, -INFINITY)), NAN, NAN);
  }

  @Test
  void sumsWithoutLosingSmallTerms() {
    check(backend.sum(vector(1e8f, 1, -1e8f), 0), Shape.of(), 1);
    Tensor weight = backend.full(1, Shape.of(1, 3));
    check(backend.linear(vector(1e8f, 1, -1e8f), weight), 1);
  }

  @Test
  void multipliesMatrices() {
    Tensor a = sequence(2, 1, 2);
    Tensor b = sequence(2, 2, 2);
    check(backend.matmul(a, b), Shape.of(2, 1, 2), 2, 3, 26, 31);
    Tensor weight = sequence(3, 2);
    check(backend.linear(a, weight), Shape.of(2, 1, 3), 1, 3, 5, 3, 13, 23);
    check(backend.linear(a, weight, vector(10, 20, 30)), Shape.of(2, 1, 3), 11, 23, 35, 13, 33, 53);
  }

  @Test
  void normalisesLayers() {
    // PyTorch in float64; 1e-12 matters where the variance is of that size.
    Tensor x = wave(0.7, 2, 4);
    Tensor small = backend.affine(x, 1e-6, 0);
    close(
        backend.layerNorm(x, wave(0.9, 4), wave(1.3, 4), 1e-5),
        0.764671317,
        1.61286311,
        -0.417572977,
        -0.217399806,
        2.11979503,
        -0.1367705,
        -1.16926935,
        -1.02522461);
    close(
        backend.layerNorm(small, wave(0.9, 4), wave(1.3, 4), 1e-12),
        0.91584094,
        0.778782085,
        -0.62294099,
        -0.723653794,
        1.23625924,
        0.361661603,
        -0.801329761,
        -0.916891448);
  }

  @Test
  void looksUpRows() {
    Tensor ids = backend.tensor(new long[] {2, 0}, Shape.of(2, 1));
    check(backend.embedding(sequence(3, 2), ids), Shape.of(2, 1, 2), 4, 5, 0, 1);
  }

  @Test
  void rotatesHalvesOfEveryHead() {
    // Two heads of width 4 at one position: [x1 ‖ x2] to [x1 c − x2 s ‖ x2 c + x1 s].
    Tensor x = backend.tensor(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, Shape.of(1, 1, 8));
    Tensor cos = backend.tensor(new float[] {0.5f, 2, 0.5f, 2}, Shape.of(1, 4));
    Tensor sin = backend.tensor(new float[] {1, 10, 1, 10}, Shape.of(1, 4));
    check(
        backend.rotary(x, cos, sin, 2),
        Shape.of(1, 1, 8),
        0.5f - 3,
        4 - 40,
        1.5f + 1,
        8 + 20,
        2.5f - 7,
        12 - 80,
        3.5f + 5,
        16 + 60);
  }

  @Test
  void attendsToValidKeys() {
    // PyTorch's scaled_dot_product_attention in float64 on the same inputs.
    long[] valid = {1, 1, 1, 0, 1, 0, 1, 1};
    close(
        backend.attention(
            wave(0.7, 2, 3, 4),
            wave(0.9, 2, 4, 4),
            wave(1.3, 2, 4, 4),
            mask(valid, 2, 4),
            2,
            0.5,
            0),
        0.196386692,
        0.534616401,
        0.096621954,
        -0.628926997,
        0.125925333,
        0.765983692,
        0.377961919,
        -0.374935331,
        0.187774822,
        0.594547069,
        0.0898488843,
        -0.681356706,
        0.264774632,
        0.166603848,
        -0.228815735,
        -0.0734692655,
        0.326092213,
        0.241693512,
        -0.0782138455,
        -0.460595798,
        0.145744664,
        0.282947692,
        -0.17233329,
        -0.149918436);
  }

  @Test
  void attendsToTheOnlyValidKey() {
    Tensor q = sequence(1, 2, 2);
    Tensor v = sequence(1, 3, 2);
    check(
        backend.attention(q, v, v, mask(new long[] {0, 1, 0}, 1, 3), 1, 1, 0),
        Shape.of(1, 2, 2),
        2,
        3,
        2,
        3);
  }

  @Test
  void convolvesWithUnequalPadding() {
    // PyTorch in float64: F.conv1d(F.pad(x, (1, 2)), weight, bias) with channels last.
    close(
        backend.conv1d(wave(0.7, 1, 4, 2), wave(0.9, 3, 2, 4), wave(1.3, 3), 1, 2),
        0.66744532,
        0.190890268,
        -0.786608478,
        0.855818931,
        0.570505611,
        -0.513103117,
        1.2136912,
        0.865699636,
        -0.511811976,
        1.07183312,
        0.413294712,
        -0.920396155);
    Tensor x = backend.tensor(new float[] {1, 2, 3}, Shape.of(1, 3, 1));
    Tensor weight = backend.tensor(new float[] {1, 10, 100}, Shape.of(1, 1, 3));
    check(backend.conv1d(x, weight, vector(0.5f), 2, 0), Shape.of(1, 3, 1), 100.5f, 210.5f, 321.5f);
  }

  @Test
  void convolvesTransposed() {
    // PyTorch in float64: F.conv_transpose1d with channels last.
    Tensor x = wave(0.7, 1, 3, 2);
    close(
        backend.convTranspose1d(x, wave(0.9, 2, 3, 2), 2, 0),
        0.521202299,
        1.23110333,
        -1.0806208,
        1.40948962,
        0.121042573,
        -1.46449189,
        0.681807595,
        0.693819906,
        -0.997082258,
        1.10650372,
        -0.243932978,
        -0.995659568,
        -0.289432536,
        -0.995250162,
        0.741678372,
        -1.03335109,
        -0.203963747,
        1.12603308);
    close(
        backend.convTranspose1d(x, wave(0.9, 2, 3, 3), 2, 2),
        0.122892273,
        -0.342982651,
        0.497269876,
        0.687365293,
        -0.832549835,
        0.818004918,
        -0.59365414,
        0.421555869,
        -0.168579737);
  }

  @Test
  void poolsValidPositions() {
    Tensor x =
        backend.tensor(new float[] {1, NAN, 3, 4, NAN, 6, 7, 8, 9, 1, 2, 3}, Shape.of(2, 3, 2));
    Mask mask = mask(new long[] {1, 1, 0, 0, 0, 0}, 2, 3);
    check(backend.maskedMean(x, mask), Shape.of(2, 2), 2, NAN, 0, 0);
    check(backend.maskedMax(x, mask), Shape.of(2, 2), 3, NAN, -INFINITY, -INFINITY);
    check(
        backend.maskedFill(x, mask, -1),
        Shape.of(2, 3, 2),
        1,
        NAN,
        3,
        4,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1);
    check(backend.maskedFill(sequence(2, 3), mask, 9), Shape.of(2, 3), 0, 1, 9, 9, 9, 9);
  }

  @Test
  void sumsSegments() {
    Segments segments =
        new Segments(new int[] {0, 2, 2, 3}, new int[] {0, 2, 2}, new float[] {0.5f, 0.25f, -1});
    check(backend.segmentSum(sequence(3, 2), segments), Shape.of(3, 2), 1, 1.75f, 0, 0, -4, -5);
  }

  @Test
  void opensNoDifferentiableScope() {
    UnsupportedOperationException e =
        assertThrows(UnsupportedOperationException.class, () -> backend.openScope(Mode.TRAINING));
    assertTrue(e.getMessage().contains("--backend torch"), e.getMessage());
  }

  @Test
  void refusesWhatItCannotComputeOrRead() {
    Tensor doubles = backend.cast(vector(1, 2), DType.FLOAT64);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> backend.softmax(doubles))
            .getMessage()
            .contains("FLOAT64[2]"));
    assertThrows(IllegalArgumentException.class, vector(1, 2)::toLongs);
  }

  private Tensor vector(float... values) {
    return backend.tensor(values, Shape.of(values.length));
  }

  /** 0, 1, 2, ... */
  private Tensor sequence(long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return backend.tensor(values, shape);
  }

  /** sin(frequency), sin(2 · frequency), ..., which is easily written in Python as well. */
  private Tensor wave(double frequency, long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin((i + 1) * frequency);
    }
    return backend.tensor(values, shape);
  }

  private Mask mask(long[] valid, long... sizes) {
    return new Mask(backend.cast(backend.tensor(valid, Shape.of(sizes)), DType.BOOL), false);
  }

  private static void check(Tensor actual, float... expected) {
    check(actual, Shape.of(expected.length), expected);
  }

  private static void check(Tensor actual, Shape shape, float... expected) {
    assertEquals(shape, actual.shape());
    assertClose("result", expected, actual.toFloats(), EXACT);
  }

  private static void close(Tensor actual, double... expected) {
    float[] values = actual.toFloats();
    assertEquals(expected.length, values.length);
    Tolerance tolerance = FLOAT32;
    for (int i = 0; i < expected.length; i++) {
      assertTrue(
          tolerance.accepts(expected[i], values[i]),
          "element " + i + " is " + values[i] + ", expected " + expected[i]);
    }
  }
}
