package org.codonfuse.parameters;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** How a parameter starts before training. */
public sealed interface Initializer {
  /**
   * Every value the same.
   *
   * @param value the value
   */
  record Constant(float value) implements Initializer {}

  /**
   * Uniform in [−bound, bound).
   *
   * @param bound the bound
   */
  record Uniform(double bound) implements Initializer {}

  /**
   * What is there already.
   *
   * @param values gives them
   */
  record Given(Supplier<float[]> values) implements Initializer {}

  /** All zeros. */
  static Initializer zeros() {
    return new Constant(0);
  }

  /** All ones. */
  static Initializer ones() {
    return new Constant(1);
  }

  /**
   * What PyTorch gives linear and convolution layers, weight and bias alike: uniform within
   * 1/√fanIn (Kaiming uniform with a = √5).
   *
   * @param fanIn number of inputs that one output sums over
   */
  static Initializer fanIn(long fanIn) {
    return new Uniform(1 / Math.sqrt((double) fanIn));
  }

  /** Draws {@code size} values. */
  default float[] draw(int size, RandomGenerator random) {
    return switch (this) {
      case Given(Supplier<float[]> values) -> values.get();
      case Constant(float value) -> {
        float[] values = new float[size];
        Arrays.fill(values, value);
        yield values;
      }
      case Uniform(double bound) -> {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        yield values;
      }
    };
  }
}
