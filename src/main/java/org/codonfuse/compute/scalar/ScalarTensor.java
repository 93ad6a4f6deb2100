package org.codonfuse.compute.scalar;

import java.lang.reflect.Array;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/**
 * A tensor in one Java array in row-major order: {@code float[]} for float32, bfloat16 and float16
 * (rounded to what the type can hold), {@code double[]}, {@code long[]} or {@code boolean[]}.
 * Arrays never change once they are in a tensor, so that tensors may share them.
 */
final class ScalarTensor extends Tensor {
  /** Written last on release, after which {@link #requireOpen} fails. */
  private volatile Object array;

  ScalarTensor(Shape shape, DType dtype, Object array) {
    super(shape, dtype);
    if (Array.getLength(array) != shape.size()) {
      throw new IllegalArgumentException(
          Array.getLength(array) + " values do not fill shape " + shape);
    }
    this.array = array;
  }

  /**
   * A tensor as this backend's.
   *
   * @throws IllegalArgumentException if it is another backend's
   */
  static ScalarTensor of(Tensor tensor) {
    if (tensor instanceof ScalarTensor scalar) {
      return scalar;
    }
    throw new IllegalArgumentException("Tensor " + tensor + " is not of the scalar backend");
  }

  /** The array itself, whatever its element type. */
  Object array() {
    Object current = array;
    requireOpen();
    return current;
  }

  /**
   * The array of a float32, bfloat16 or float16 tensor itself.
   *
   * @throws IllegalArgumentException for other element types
   */
  float[] floats() {
    if (array() instanceof float[] floats) {
      return floats;
    }
    throw new IllegalArgumentException("Cast " + this + " to FLOAT32 first to compute with it");
  }

  /** The array of a bool tensor itself. */
  boolean[] booleans() {
    return (boolean[]) array();
  }

  int dim(int axis) {
    return shape().intDim(axis);
  }

  @Override
  public float[] toFloats() {
    return switch (array()) {
      case float[] values -> values.clone();
      case double[] values -> {
        float[] narrowed = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          narrowed[i] = (float) values[i];
        }
        yield narrowed;
      }
      default -> {
        long[] values = toLongs();
        float[] converted = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          converted[i] = values[i];
        }
        yield converted;
      }
    };
  }

  @Override
  public long[] toLongs() {
    return switch (array()) {
      case long[] values -> values.clone();
      case boolean[] values -> {
        long[] converted = new long[values.length];
        for (int i = 0; i < values.length; i++) {
          converted[i] = values[i] ? 1 : 0;
        }
        yield converted;
      }
      default -> throw new IllegalArgumentException("toLongs() of " + this);
    };
  }

  @Override
  protected void free() {
    array = null;
  }
}
