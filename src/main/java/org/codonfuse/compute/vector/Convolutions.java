package org.codonfuse.compute.vector;

import java.util.Arrays;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.vector.VectorTensor.Floats;

/**
 * Convolutions along positions as matrix products: the rows that a kernel covers lie one after the
 * other, so that they are one long row already.
 */
final class Convolutions {
  private Convolutions() {}

  /** A weight [out, in, kernel] as B [kernel · in, out]. */
  static PackedMatrix pack(Workers workers, Buffers buffers, Floats weight, Shape shape) {
    int in = shape.intDim(1);
    int kernel = shape.intDim(2);
    return PackedMatrix.ofColumns(
        workers,
        buffers,
        kernel * in,
        shape.intDim(0),
        false,
        (out, to) -> {
          int from = weight.offset() + out * in * kernel;
          for (int i = 0; i < in; i++) {
            for (int k = 0; k < kernel; k++) {
              to[k * in + i] = weight.array()[from + i * kernel + k];
            }
          }
        });
  }

  /** A weight [in, out, kernel] as B [in, kernel · out]. */
  static PackedMatrix packTransposed(Workers workers, Buffers buffers, Floats weight, Shape shape) {
    int in = shape.intDim(0);
    int out = shape.intDim(1);
    int kernel = shape.intDim(2);
    return PackedMatrix.ofColumns(
        workers,
        buffers,
        in,
        kernel * out,
        false,
        (column, to) -> {
          int from = weight.offset() + column % out * kernel + column / out;
          for (int i = 0; i < in; i++) {
            to[i] = weight.array()[from + i * out * kernel];
          }
        });
  }

  /** x [batch, position, in] with zeros around the positions of every member. */
  static void pad(Reductions parts, VectorTensor x, int left, int right, float[] to) {
    int positions = x.dim(1);
    int in = x.dim(2);
    int size = (positions + left + right) * in;
    parts.each(
        x.dim(0),
        size,
        (begin, end) -> {
          for (int b = begin; b < end; b++) {
            Arrays.fill(to, b * size, b * size + left * in, 0);
            x.copy((long) b * positions * in, to, b * size + left * in, positions * in);
            Arrays.fill(to, (b + 1) * size - right * in, (b + 1) * size, 0);
          }
        });
  }

  /**
   * Sums what overlaps.
   *
   * @param columns [batch, position, kernel, out]
   * @param x the shape of the input
   */
  static void overlap(
      Reductions parts,
      float[] columns,
      Shape x,
      int kernel,
      int stride,
      int padding,
      Shape result,
      float[] to) {
    int positions = x.intDim(1);
    int targets = result.intDim(1);
    int out = result.intDim(2);
    parts.each(
        result.intDim(0),
        (long) targets * out,
        (begin, end) -> {
          for (int b = begin; b < end; b++) {
            Arrays.fill(to, b * targets * out, (b + 1) * targets * out, 0);
            for (int p = 0; p < positions; p++) {
              for (int k = 0; k < kernel; k++) {
                int target = p * stride + k - padding;
                if (target >= 0 && target < targets) {
                  int from = ((b * positions + p) * kernel + k) * out;
                  Rows.add(columns, from, 1, to, (b * targets + target) * out, out);
                }
              }
            }
          }
        });
  }
}
