package org.codonfuse.bench;

import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** The ceiling of an encoder's speed: what a machine does on one large matrix product. */
final class MatrixRate implements AutoCloseable {
  /** Large enough to reach the ceiling, small enough to stay in the caches of a server. */
  private static final int SIZE = 2048;

  /** A device with thousands of units needs more, and far longer than a product takes to launch. */
  private static final int CUDA_SIZE = 8192;

  /** For backends that would take longer than anybody waits. */
  private static final int SMALL = 256;

  private static final double SLOW = 10e9;

  /** A backend in Java is slow until it is compiled: a few tries do not show what it can do. */
  private static final int TRIES = 10;

  private static final double SECONDS = 1;

  private final Backend backend;
  private final Scope owner;
  private final boolean slow;
  private final Tensor x;
  private final Tensor weight;

  MatrixRate(Backend backend, Precision precision) {
    this.backend = backend;
    this.owner = backend.newOwner();
    Tensor small = square(SMALL, precision);
    slow = !reaches(small, SLOW);
    x =
        slow
            ? small
            : square(backend.device().kind() == Device.Kind.CUDA ? CUDA_SIZE : SIZE, precision);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      weight = owner.adopt(backend.pack(x));
    }
  }

  /** Whether a backend takes longer over large operands than anybody waits. */
  static boolean slow(Backend backend) {
    try (MatrixRate rate = new MatrixRate(backend, Precision.FLOAT32)) {
      return rate.slow;
    }
  }

  /** The best of some: the first products of all are slow for reasons of their own. */
  private boolean reaches(Tensor small, double rate) {
    long begin = System.nanoTime();
    for (int i = 0; i < TRIES || System.nanoTime() - begin < SECONDS * 1e9; i++) {
      if (measure(small, small) >= rate) {
        return true;
      }
    }
    return false;
  }

  private Tensor square(int size, Precision precision) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor values = backend.cast(backend.full(0.01, Shape.of(size, size)), precision.dtype());
      return owner.adopt(backend.affine(values, 1, 0));
    }
  }

  /** Floating point operations a second of a turn of products. */
  double measure() {
    return measure(x, weight);
  }

  private double measure(Tensor left, Tensor right) {
    double size = left.shape().dim(0);
    Turn turn = new Turn(backend, () -> product(left, right), MatrixRate::requirePositive);
    return 2 * size * size * size * turn.rate();
  }

  private HostRead product(Tensor left, Tensor right) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor product = backend.linear(left, right, Optional.empty(), Epilogue.NONE);
      Tensor first = backend.narrow(backend.narrow(product, 0, 0, 1), 1, 0, 1);
      return backend.read(first, DType.FLOAT32);
    }
  }

  private static void requirePositive(HostRead first) {
    if (!(first.await()[0] > 0)) {
      throw new AssertionError("A product of positive numbers is " + first.await()[0]);
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
