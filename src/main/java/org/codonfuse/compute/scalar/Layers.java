package org.codonfuse.compute.scalar;

import org.codonfuse.compute.Around;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** Products with weights, normalisation and look-up: each returns the array of the result. */
final class Layers {
  private Layers() {}

  static float[] matmul(ScalarTensor a, ScalarTensor b, Shape result) {
    int rows = a.dim(-2);
    int inner = a.dim(-1);
    int columns = b.dim(-1);
    int batch = Around.product(result, 0, result.rank() - 2);
    float[] left = a.floats();
    float[] right = b.floats();
    float[] to = new float[result.intSize()];
    for (int t = 0; t < batch; t++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            sum += (double) left[(t * rows + i) * inner + k] * right[(t * inner + k) * columns + j];
          }
          to[(t * rows + i) * columns + j] = (float) sum;
        }
      }
    }
    return to;
  }

  /** x · weightᵀ + bias, with the bias as an array: zeros for a layer without one. */
  static float[] linear(ScalarTensor x, ScalarTensor weight, float[] bias) {
    int in = weight.dim(1);
    int out = weight.dim(0);
    int rows = Around.rows(x.shape());
    float[] from = x.floats();
    float[] w = weight.floats();
    float[] to = new float[rows * out];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += (double) from[r * in + i] * w[o * in + i];
        }
        to[r * out + o] = (float) sum;
      }
    }
    return to;
  }

  /** (x − mean) / √(variance + ε) · weight + bias, with the variance divided by the width. */
  static float[] layerNorm(ScalarTensor x, ScalarTensor weight, ScalarTensor bias, double epsilon) {
    int width = x.dim(-1);
    float[] from = x.floats();
    float[] w = weight.floats();
    float[] b = bias.floats();
    float[] to = new float[from.length];
    for (int start = 0; start < from.length; start += width) {
      double mean = 0;
      for (int i = 0; i < width; i++) {
        mean += from[start + i];
      }
      mean /= width;
      double variance = 0;
      for (int i = 0; i < width; i++) {
        variance += (from[start + i] - mean) * (from[start + i] - mean);
      }
      variance /= width;
      for (int i = 0; i < width; i++) {
        double normal = (from[start + i] - mean) / Math.sqrt(variance + epsilon);
        to[start + i] = (float) (normal * w[i] + b[i]);
      }
    }
    return to;
  }

  static float[] embedding(ScalarTensor table, Tensor ids) {
    int rows = table.dim(0);
    int width = table.dim(1);
    float[] from = table.floats();
    long[] wanted = ids.toLongs();
    float[] to = new float[wanted.length * width];
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] < 0 || wanted[i] >= rows) {
        throw new IndexOutOfBoundsException("embedding: id " + wanted[i] + " of table " + table);
      }
      System.arraycopy(from, (int) wanted[i] * width, to, i * width, width);
    }
    return to;
  }
}
