package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.Function;
import org.codonfuse.compute.Tolerances.Tolerance;

/** Runs operations on the backend under test and on the reference and compares the results. */
public final class Comparison {
  private final Backend tested;
  private final Backend reference;

  Comparison(Backend tested, Backend reference) {
    this.tested = tested;
    this.reference = reference;
  }

  Backend tested() {
    return tested;
  }

  /** Fails unless element type, shape and values agree; inputs are drawn as float32. */
  void same(String label, Tolerance tolerance, Function<Inputs, Tensor> operation) {
    same(label, DType.FLOAT32, tolerance, operation);
  }

  /** The same with floating point inputs of one element type. */
  void same(String label, DType dtype, Tolerance tolerance, Function<Inputs, Tensor> operation) {
    // Every operation has its own inputs, and they stay the same when others are added.
    long seed = label.hashCode();
    Result expected = run(reference, seed, dtype, operation);
    Result actual = run(tested, seed, dtype, operation);
    String context = label + " of " + actual.inputs + " (seed " + seed + ")";
    assertEquals(expected.dtype, actual.dtype, context);
    assertEquals(expected.shape, actual.shape, context);
    assertClose(context, expected.values, actual.values, tolerance);
  }

  /** Fails at the first value that is too far from what is expected. */
  public static void assertClose(
      String context, float[] expected, float[] actual, Tolerance tolerance) {
    assertEquals(expected.length, actual.length, context);
    for (int i = 0; i < expected.length; i++) {
      if (!tolerance.accepts(expected[i], actual[i])) {
        fail(
            "%s: element %d of %d is %s, expected %s within %s"
                .formatted(context, i, expected.length, actual[i], expected[i], tolerance));
      }
    }
  }

  private static Result run(
      Backend backend, long seed, DType dtype, Function<Inputs, Tensor> operation) {
    try (Scope scope = backend.openScope(Mode.INFERENCE)) {
      Inputs inputs = new Inputs(backend, seed, dtype);
      Tensor result = operation.apply(inputs);
      return new Result(result.dtype(), result.shape(), result.toFloats(), inputs.toString());
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Nothing compares these records.
  private record Result(DType dtype, Shape shape, float[] values, String inputs) {}
}
