package org.codonfuse.compute.scalar;

import org.codonfuse.compute.Shape;

/** Convolutions along positions: each method returns the array of the result. */
final class Convolutions {
  private Convolutions() {}

  /** y[b, p, o] = bias[o] + Σ over k and i of x[b, p + k − left, i] · weight[o, i, k]. */
  static float[] conv1d(
      ScalarTensor x, ScalarTensor weight, ScalarTensor bias, int left, Shape result) {
    int positions = x.dim(1);
    int in = x.dim(2);
    int out = weight.dim(0);
    int kernel = weight.dim(2);
    int resultPositions = result.intDim(1);
    float[] from = x.floats();
    float[] w = weight.floats();
    float[] offset = bias.floats();
    float[] to = new float[result.intSize()];
    for (int b = 0; b < x.dim(0); b++) {
      for (int p = 0; p < resultPositions; p++) {
        for (int o = 0; o < out; o++) {
          double sum = offset[o];
          for (int i = 0; i < in; i++) {
            for (int k = 0; k < kernel; k++) {
              int source = p + k - left;
              if (source >= 0 && source < positions) {
                double value = from[(b * positions + source) * in + i];
                sum += value * w[(o * in + i) * kernel + k];
              }
            }
          }
          to[(b * resultPositions + p) * out + o] = (float) sum;
        }
      }
    }
    return to;
  }

  /** y[b, p · stride + k − padding, o] += Σ over i of x[b, p, i] · weight[i, o, k]. */
  static float[] convTranspose1d(
      ScalarTensor x, ScalarTensor weight, int stride, int padding, Shape result) {
    int positions = x.dim(1);
    int in = x.dim(2);
    int out = weight.dim(1);
    int kernel = weight.dim(2);
    int resultPositions = result.intDim(1);
    float[] from = x.floats();
    float[] w = weight.floats();
    double[] sums = new double[result.intSize()];
    for (int b = 0; b < x.dim(0); b++) {
      for (int p = 0; p < positions; p++) {
        for (int k = 0; k < kernel; k++) {
          int target = p * stride + k - padding;
          if (target < 0 || target >= resultPositions) {
            continue;
          }
          for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
              sums[(b * resultPositions + target) * out + o] +=
                  (double) from[(b * positions + p) * in + i] * w[(i * out + o) * kernel + k];
            }
          }
        }
      }
    }
    float[] to = new float[sums.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = (float) sums[i];
    }
    return to;
  }
}
