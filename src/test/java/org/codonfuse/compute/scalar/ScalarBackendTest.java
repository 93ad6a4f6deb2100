package org.codonfuse.compute.scalar;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.Test;

/** Movement, functions and reductions against values computed by hand or from formulas. */
class ScalarBackendTest extends ScalarFixture {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

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
}
