package org.codonfuse.compute.vector;

import java.util.Arrays;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.vector.VectorTensor.Floats;

/** Where the operands of a result's rows begin, when sizes broadcast. */
final class Broadcast {
  private final Shape result;
  private final int[] left;
  private final int[] right;

  /**
   * @param result what the shapes broadcast to
   */
  Broadcast(Shape left, Shape right, Shape result) {
    this.result = result;
    this.left = strides(left, result);
    this.right = strides(right, result);
  }

  /** Values from one index of an axis to the next; 0 where the axis has one index for all. */
  private static int[] strides(Shape shape, Shape result) {
    int[] strides = new int[result.rank()];
    int stride = 1;
    for (int axis = result.rank() - 1; axis >= result.rank() - shape.rank(); axis--) {
      int size = shape.intDim(axis - result.rank() + shape.rank());
      strides[axis] = size == 1 ? 0 : stride;
      stride *= size;
    }
    return strides;
  }

  /** A function of every pair, a row of the result at a time. */
  void apply(Reductions parts, Binary function, Floats a, Floats b, float[] to) {
    int rank = result.rank();
    int width = rank == 0 ? 1 : result.intDim(-1);
    int rows = width == 0 ? 0 : result.intSize() / width;
    boolean leftMoves = rank > 0 && left[rank - 1] != 0;
    boolean rightMoves = rank > 0 && right[rank - 1] != 0;
    parts.each(
        rows,
        width,
        (begin, end) -> {
          for (int r = begin; r < end; r++) {
            int a0 = a.offset() + start(r, left);
            int b0 = b.offset() + start(r, right);
            int at = r * width;
            if (leftMoves && rightMoves) {
              Elements.combine(function, a.array(), a0, b.array(), b0, to, at, width);
            } else if (rightMoves) {
              float x = a.array()[a0];
              Elements.combine(function, b.array(), b0, x, false, to, at, width);
            } else if (leftMoves) {
              float x = b.array()[b0];
              Elements.combine(function, a.array(), a0, x, true, to, at, width);
            } else {
              Elements.combine(function, a.array(), a0, b.array(), b0, to, at, 1);
              Arrays.fill(to, at, at + width, to[at]);
            }
          }
        });
  }

  private int start(int row, int[] strides) {
    int rest = row;
    int start = 0;
    for (int axis = result.rank() - 2; axis >= 0; axis--) {
      int size = result.intDim(axis);
      start += rest % size * strides[axis];
      rest /= size;
    }
    return start;
  }
}
