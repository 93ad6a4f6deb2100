package org.codonfuse.compute.scalar;

import static org.codonfuse.compute.Comparison.assertClose;
import static org.codonfuse.compute.Tolerances.EXACT;
import static org.codonfuse.compute.Tolerances.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Tolerances.Tolerance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A scope of the scalar backend, inputs that are easily written elsewhere too, and checks. */
abstract class ScalarFixture {
  final ScalarBackend backend = new ScalarBackend();
  private Scope scope;

  @BeforeEach
  final void openScope() {
    scope = backend.openScope(Mode.INFERENCE);
  }

  @AfterEach
  final void closeScope() {
    scope.close();
    backend.close();
  }

  final Tensor vector(float... values) {
    return backend.tensor(values, Shape.of(values.length));
  }

  /** 0, 1, 2, ... */
  final Tensor sequence(long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return backend.tensor(values, shape);
  }

  /** sin(frequency), sin(2 · frequency), ..., which is easily written in Python as well. */
  final Tensor wave(double frequency, long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin((i + 1) * frequency);
    }
    return backend.tensor(values, shape);
  }

  final Mask mask(long[] valid, long... sizes) {
    return new Mask(backend.cast(backend.tensor(valid, Shape.of(sizes)), DType.BOOL), false);
  }

  static void check(Tensor actual, float... expected) {
    check(actual, Shape.of(expected.length), expected);
  }

  static void check(Tensor actual, Shape shape, float... expected) {
    assertEquals(shape, actual.shape());
    assertClose("result", expected, actual.toFloats(), EXACT);
  }

  static void close(Tensor actual, double... expected) {
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
