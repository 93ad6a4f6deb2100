package org.codonfuse.compute;

/** Axes exchanged in arrays in row-major order, for backends whose tensors are arrays. */
public final class ArrayTransposition {
  private ArrayTransposition() {}

  /**
   * Exchanges two axes.
   *
   * @param from an array of any element type
   * @param offset of its first value
   * @param to receives the values from index 0 on; of the same element type
   */
  public static void transpose(
      Object from, int offset, Shape shape, int axis, int other, Object to) {
    int first = Math.min(shape.axis(axis), shape.axis(other));
    int second = Math.max(shape.axis(axis), shape.axis(other));
    if (first == second) {
      System.arraycopy(from, offset, to, 0, shape.intSize());
      return;
    }
    int outer = Around.product(shape, 0, first);
    int rows = shape.intDim(first);
    int middle = Around.product(shape, first + 1, second);
    int columns = shape.intDim(second);
    int inner = Around.product(shape, second + 1, shape.rank());
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (int column = 0; column < columns; column++) {
        for (int m = 0; m < middle; m++) {
          for (int row = 0; row < rows; row++) {
            int source = (((o * rows + row) * middle + m) * columns + column) * inner;
            System.arraycopy(from, offset + source, to, at, inner);
            at += inner;
          }
        }
      }
    }
  }
}
