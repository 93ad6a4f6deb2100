package org.codonfuse.parameters;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** Parameters in float64, for differences of a loss. */
public final class DoubleParameters {
  private DoubleParameters() {}

  /** Parameters with these values by name. */
  public static Parameters of(
      Backend backend, List<ParameterSpec> specs, Map<String, double[]> values) {
    return Parameters.create(
        backend, specs, spec -> tensor(backend, values.get(spec.name()), spec.shape()));
  }

  /** A float64 tensor in the current scope. */
  public static Tensor tensor(Backend backend, double[] values, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor borrowed =
          backend.tensor(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values), DType.FLOAT64, shape);
      // A copy, because the memory goes.
      return backend.affine(borrowed, 1, 0);
    }
  }
}
