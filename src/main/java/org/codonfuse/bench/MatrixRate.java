package org.codonfuse.bench;

import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** The ceiling of an encoder's speed: what a machine does on one large matrix product. */
final class MatrixRate implements AutoCloseable {
  /** Large enough to reach the ceiling, small enough to stay in the caches of a server. */
  private static final int SIZE = 2048;

  private final Backend backend;
  private final Scope owner;
  private final Tensor x;
  private final Tensor weight;

  MatrixRate(Backend backend, Precision precision) {
    this.backend = backend;
    this.owner = backend.newOwner();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor values = backend.cast(backend.full(0.01, Shape.of(SIZE, SIZE)), precision.dtype());
      x = owner.adopt(backend.affine(values, 1, 0));
      weight = owner.adopt(backend.pack(x));
    }
  }

  /** Floating point operations a second of one product, which is computed to its end. */
  double measure() {
    long start = System.nanoTime();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor product = backend.linear(x, weight, Optional.empty(), Epilogue.NONE);
      // Read, so that a device has finished.
      float[] first = backend.narrow(backend.narrow(product, 0, 0, 1), 1, 0, 1).toFloats();
      if (!(first[0] > 0)) {
        throw new AssertionError("A product of positive numbers is " + first[0]);
      }
    }
    return 2.0 * SIZE * SIZE * SIZE / ((System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() {
    owner.close();
  }
}
