package org.codonfuse.compute.scalar;

import java.util.Arrays;
import org.codonfuse.compute.Around;
import org.codonfuse.compute.Segments;

/**
 * Sums, means and maxima: each method returns the array of the result. Sums are accumulated in
 * double, here as everywhere in this package: then the order of the terms and their number do not
 * show in a float32 result, and a difference to another backend is that backend's rounding error.
 */
final class Reductions {
  private Reductions() {}

  static float[] sum(ScalarTensor x, int axis) {
    return sum(x, axis, 1);
  }

  static float[] mean(ScalarTensor x, int axis) {
    return sum(x, axis, x.dim(axis));
  }

  private static float[] sum(ScalarTensor x, int axis, double divisor) {
    Around around = Around.axis(x.shape(), axis);
    float[] from = x.floats();
    float[] to = new float[around.outer() * around.inner()];
    for (int o = 0; o < around.outer(); o++) {
      for (int i = 0; i < around.inner(); i++) {
        double sum = 0;
        for (int s = 0; s < around.size(); s++) {
          sum += from[(o * around.size() + s) * around.inner() + i];
        }
        to[o * around.inner() + i] = (float) (sum / divisor);
      }
    }
    return to;
  }

  static float[] softmax(ScalarTensor x) {
    int width = x.dim(-1);
    float[] from = x.floats();
    float[] to = new float[from.length];
    double[] row = new double[width];
    for (int start = 0; start < from.length; start += width) {
      for (int i = 0; i < width; i++) {
        row[i] = from[start + i];
      }
      softmax(row);
      for (int i = 0; i < width; i++) {
        to[start + i] = (float) row[i];
      }
    }
    return to;
  }

  /** e^(xᵢ − max x) / Σ e^(xⱼ − max x), in place; negative infinity everywhere gives NaN. */
  static void softmax(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : x) {
      max = Math.max(max, value);
    }
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.exp(x[i] - max);
      sum += x[i];
    }
    for (int i = 0; i < x.length; i++) {
      x[i] /= sum;
    }
  }

  static float[] maskedFill(ScalarTensor x, boolean[] valid, double value) {
    float[] to = x.floats().clone();
    int inner = Around.product(x.shape(), 2, x.shape().rank());
    for (int position = 0; position < valid.length; position++) {
      if (!valid[position]) {
        Arrays.fill(to, position * inner, (position + 1) * inner, (float) value);
      }
    }
    return to;
  }

  static float[] maskedMean(ScalarTensor x, boolean[] valid) {
    int batch = x.dim(0);
    int positions = x.dim(1);
    int width = x.dim(2);
    float[] from = x.floats();
    float[] to = new float[batch * width];
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < width; i++) {
        double sum = 0;
        int count = 0;
        for (int p = 0; p < positions; p++) {
          if (valid[b * positions + p]) {
            sum += from[(b * positions + p) * width + i];
            count++;
          }
        }
        to[b * width + i] = count == 0 ? 0 : (float) (sum / count);
      }
    }
    return to;
  }

  static float[] maskedMax(ScalarTensor x, boolean[] valid) {
    int batch = x.dim(0);
    int positions = x.dim(1);
    int width = x.dim(2);
    float[] from = x.floats();
    float[] to = new float[batch * width];
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < width; i++) {
        float max = Float.NEGATIVE_INFINITY;
        for (int p = 0; p < positions; p++) {
          if (valid[b * positions + p]) {
            max = Math.max(max, from[(b * positions + p) * width + i]);
          }
        }
        to[b * width + i] = max;
      }
    }
    return to;
  }

  static float[] segmentSum(ScalarTensor x, Segments segments) {
    int width = x.dim(1);
    float[] from = x.floats();
    float[] to = new float[segments.count() * width];
    for (int s = 0; s < segments.count(); s++) {
      for (int i = 0; i < width; i++) {
        double sum = 0;
        for (int k = segments.offsets()[s]; k < segments.offsets()[s + 1]; k++) {
          sum += (double) segments.weights()[k] * from[segments.rows()[k] * width + i];
        }
        to[s * width + i] = (float) sum;
      }
    }
    return to;
  }
}
