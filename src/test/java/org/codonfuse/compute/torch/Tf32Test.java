package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.function.Function;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag(TestBackends.TAG)
@RequiresTorch
class Tf32Test {
  private static final int SIZE = 512;
  private static final int KERNEL = 3;

  /** What 10 bits round to 1. */
  private static final double FACTOR = 1 + 0x1p-12;

  private static Backend open(boolean tf32) {
    Device device = TestBackends.device(TorchProvider.NAME);
    TorchProvider provider = new TorchProvider();
    return tf32 ? provider.openWithTf32(device, 1) : provider.open(device, 1);
  }

  /** The first value of a result. */
  private static double first(boolean tf32, Function<Backend, Tensor> operation) {
    try (Backend backend = open(tf32);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      assertEquals(tf32, backend.engine().endsWith(", TF32"), backend.engine());
      assertEquals(tf32, backend.description().contains(", TF32, "), backend.description());
      return operation.apply(backend).toFloats()[0];
    }
  }

  private static Tensor product(Backend backend) {
    Shape shape = Shape.of(SIZE, SIZE);
    return backend.matmul(backend.full(FACTOR, shape), backend.full(1, shape));
  }

  private static Tensor convolution(Backend backend) {
    return backend.conv1d(
        backend.full(FACTOR, Shape.of(8, 128, SIZE)),
        backend.full(1, Shape.of(SIZE, SIZE, KERNEL)),
        backend.full(0, Shape.of(SIZE)),
        0,
        0);
  }

  @Test
  void factorsAreRoundedOnlyWhereThatIsAsked() {
    // Float32 has room for every sum.
    assertEquals(SIZE * FACTOR, first(false, Tf32Test::product));
    assertEquals(KERNEL * SIZE * FACTOR, first(false, Tf32Test::convolution));
    if (!TestBackends.onCuda()) {
      assertThrows(UnsupportedOperationException.class, () -> open(true).close());
      return;
    }
    double rounded = first(true, Tf32Test::product);
    double convolved = first(true, Tf32Test::convolution);
    assertEquals(SIZE * FACTOR, first(false, Tf32Test::product));
    assertEquals(KERNEL * SIZE * FACTOR, first(false, Tf32Test::convolution));
    assumeTrue(rounded != SIZE * FACTOR, "this device has no TF32");
    assertEquals(SIZE, rounded);
    assertTrue(convolved == KERNEL * SIZE || convolved == KERNEL * SIZE * FACTOR);
  }
}
