package org.codonfuse.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws the inputs of an operation on one backend; the same seed gives every backend the same. */
final class Inputs {
  private static final float[] SPECIAL = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, 1f
  };

  private final Backend backend;
  private final Random random;
  private final DType dtype;
  private final List<String> drawn = new ArrayList<>();

  Inputs(Backend backend, long seed, DType dtype) {
    this.backend = backend;
    this.random = new Random(seed);
    this.dtype = dtype;
  }

  Backend backend() {
    return backend;
  }

  /** Standard normal values. */
  Tensor normal(long... sizes) {
    return tensor("normal", sizes, () -> (float) random.nextGaussian());
  }

  /** Standard normal values that stay float32 whatever the other inputs are. */
  Tensor normalFloat32(long... sizes) {
    float[] values = new float[Shape.of(sizes).intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values(values, sizes);
  }

  /** Values of at least 0.1. */
  Tensor positive(long... sizes) {
    return tensor("positive", sizes, () -> 0.1f + Math.abs((float) random.nextGaussian()));
  }

  /** Normal values among which one of four is NaN, infinite, a zero of either sign or 1. */
  Tensor special(long... sizes) {
    return tensor(
        "special",
        sizes,
        () ->
            random.nextInt(4) == 0
                ? SPECIAL[random.nextInt(SPECIAL.length)]
                : (float) random.nextGaussian());
  }

  /** The given values as float32. */
  Tensor values(float[] values, long... sizes) {
    drawn.add("given" + Shape.of(sizes));
    return backend.tensor(values, Shape.of(sizes));
  }

  /** Integers in [0, bound). */
  Tensor ids(int bound, long... sizes) {
    Shape shape = Shape.of(sizes);
    drawn.add("ids" + shape);
    return backend.tensor(random.longs(shape.size(), 0, bound).toArray(), shape);
  }

  /** Valid with probability one half, anywhere. */
  Mask scattered(int batch, int positions) {
    drawn.add("mask[" + batch + ", " + positions + "]");
    long[] valid = random.longs((long) batch * positions, 0, 2).toArray();
    return new Mask(
        backend.cast(backend.tensor(valid, Shape.of(batch, positions)), DType.BOOL), false);
  }

  /** What was drawn so far, for failure messages. */
  @Override
  public String toString() {
    return String.join(" ", drawn);
  }

  private Tensor tensor(String name, long[] sizes, FloatSupplier supplier) {
    Shape shape = Shape.of(sizes);
    drawn.add(name + shape);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = supplier.next();
    }
    return backend.cast(backend.tensor(values, shape), dtype);
  }

  @FunctionalInterface
  private interface FloatSupplier {
    float next();
  }
}
