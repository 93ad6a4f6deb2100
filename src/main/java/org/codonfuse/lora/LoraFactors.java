package org.codonfuse.lora;

import java.util.stream.IntStream;

/**
 * The two factors of the update of one weight, on the heap. The arrays are not copied: whoever has
 * them leaves them as they are.
 *
 * @param rank rows of A, columns of B
 * @param in columns of A
 * @param out rows of B
 * @param a [rank, in], row-major
 * @param b [out, rank], row-major
 */
public record LoraFactors(int rank, int in, int out, float[] a, float[] b) {
  /** Checks the sizes. */
  public LoraFactors {
    if (a.length != Math.multiplyExact(rank, in) || b.length != Math.multiplyExact(out, rank)) {
      throw new IllegalArgumentException(
          "Factors of %d and %d values for [%d, %d] and [%d, %d]"
              .formatted(a.length, b.length, rank, in, out, rank));
    }
  }

  /** Number of values of both. */
  public long parameters() {
    return (long) a.length + b.length;
  }

  /**
   * Adds scale · B · A to a weight, in float64, rounded once at the end.
   *
   * @param weight [out, in], row-major; changed in place
   */
  public void addTo(float[] weight, double scale) {
    if (weight.length != Math.multiplyExact(out, in)) {
      throw new IllegalArgumentException(
          "A weight of %d values for [%d, %d]".formatted(weight.length, out, in));
    }
    IntStream.range(0, out).parallel().forEach(row -> addToRow(weight, row, scale));
  }

  private void addToRow(float[] weight, int row, double scale) {
    double[] sum = new double[in];
    for (int k = 0; k < rank; k++) {
      double factor = scale * b[row * rank + k];
      int start = k * in;
      for (int i = 0; i < in; i++) {
        sum[i] += factor * a[start + i];
      }
    }
    int start = row * in;
    for (int i = 0; i < in; i++) {
      weight[start + i] = (float) (weight[start + i] + sum[i]);
    }
  }

  /** The Frobenius norm of scale · B · A, from the inner products of the factors. */
  public double norm(double scale) {
    double sum = 0;
    for (int k = 0; k < rank; k++) {
      for (int l = 0; l < rank; l++) {
        double rows = 0;
        for (int i = 0; i < in; i++) {
          rows += (double) a[k * in + i] * a[l * in + i];
        }
        double columns = 0;
        for (int o = 0; o < out; o++) {
          columns += (double) b[o * rank + k] * b[o * rank + l];
        }
        sum += rows * columns;
      }
    }
    return Math.abs(scale) * Math.sqrt(Math.max(0, sum));
  }

  /** Whether the update is zero because B is, as it is before training. */
  public boolean isZero() {
    for (float value : b) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }
}
