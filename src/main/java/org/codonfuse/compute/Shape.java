package org.codonfuse.compute;

import java.util.Arrays;

/** The sizes of a tensor's dimensions, outermost first; rank 0 is a scalar. Immutable. */
public final class Shape {
  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * A shape of the given sizes.
   *
   * @throws IllegalArgumentException for a negative size or a number of elements beyond 2^63 - 1
   */
  public static Shape of(long... dims) {
    long size = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("Negative size in shape " + Arrays.toString(dims));
      }
      try {
        size = Math.multiplyExact(size, dim);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("Too many elements: " + Arrays.toString(dims), e);
      }
    }
    return new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /**
   * Size of one dimension.
   *
   * @param axis from 0, or negative to count from the last one (-1)
   */
  public long dim(int axis) {
    return dims[axis(axis)];
  }

  /** Like {@link #dim}, for sizes that index Java arrays. */
  public int intDim(int axis) {
    return Math.toIntExact(dim(axis));
  }

  /**
   * Normalises an axis.
   *
   * @param axis in [-rank, rank)
   * @return the same axis in [0, rank)
   * @throws IndexOutOfBoundsException outside that range
   */
  public int axis(int axis) {
    int normal = axis < 0 ? axis + dims.length : axis;
    if (normal < 0 || normal >= dims.length) {
      throw new IndexOutOfBoundsException("Axis " + axis + " of shape " + this);
    }
    return normal;
  }

  /** Number of elements; 1 for a scalar. */
  public long size() {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return size;
  }

  /** Like {@link #size}, for tensors held in one Java array. */
  public int intSize() {
    return Math.toIntExact(size());
  }

  /** This shape with one dimension replaced. */
  public Shape with(int axis, long size) {
    long[] changed = dims.clone();
    changed[axis(axis)] = size;
    return of(changed);
  }

  /** The sizes, a copy. */
  public long[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** The notation of error messages, for example {@code [2, 27, 640]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
