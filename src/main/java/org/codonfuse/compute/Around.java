package org.codonfuse.compute;

/**
 * A shape seen as [outer, size, inner] around one axis, for backends whose tensors are arrays.
 *
 * @param outer product of the sizes before the axis
 * @param size size of the axis
 * @param inner product of the sizes after it
 */
public record Around(int outer, int size, int inner) {
  /** A shape around an axis, which may be negative. */
  public static Around axis(Shape shape, int axis) {
    int normal = shape.axis(axis);
    return new Around(
        product(shape, 0, normal), shape.intDim(normal), product(shape, normal + 1, shape.rank()));
  }

  /** Product of the sizes of the axes from {@code from} to before {@code to}. */
  public static int product(Shape shape, int from, int to) {
    int product = 1;
    for (int axis = from; axis < to; axis++) {
      product = Math.multiplyExact(product, shape.intDim(axis));
    }
    return product;
  }

  /** Number of vectors along the last axis; 1 for a shape of one axis. */
  public static int rows(Shape shape) {
    return product(shape, 0, shape.rank() - 1);
  }
}
