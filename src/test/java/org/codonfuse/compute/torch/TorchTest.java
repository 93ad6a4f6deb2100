package org.codonfuse.compute.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A backend on the CPU and memory for each test. */
@RequiresTorch
abstract class TorchTest {
  TorchBackend torch;
  Arena arena;

  @SuppressWarnings("MustBeClosedChecker") // Closed after the test.
  @BeforeEach
  final void openBackend() {
    torch = TorchBackend.open(TestBackends.device(TorchProvider.NAME), 2, false);
    arena = Arena.ofConfined();
  }

  @AfterEach
  final void closeBackend() {
    torch.close();
    arena.close();
  }

  Tensor floats(float... values) {
    return torch.tensor(values, Shape.of(values.length));
  }

  /** A float64 tensor. */
  Tensor doubles(double[] values, Shape shape) {
    return torch.tensor(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values), DType.FLOAT64, shape);
  }
}
