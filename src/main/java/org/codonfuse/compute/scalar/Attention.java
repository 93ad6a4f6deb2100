package org.codonfuse.compute.scalar;

import java.util.Arrays;
import java.util.Optional;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Shape;

/** Rotary positions and attention: each method returns the array of the result. */
final class Attention {
  private Attention() {}

  static float[] selfAttention(
      ScalarTensor qkv, Packing packing, int heads, double scale, Optional<Rotation> rotation) {
    int width = qkv.dim(1) / 3;
    float[] to = new float[packing.rows() * width];
    for (int s = 0; s < packing.sequences(); s++) {
      int length = packing.length(s);
      ScalarTensor[] parts = new ScalarTensor[3];
      for (int part = 0; part < parts.length; part++) {
        float[] values = new float[length * width];
        for (int t = 0; t < length; t++) {
          int from = ((packing.start(s) + t) * 3 + part) * width;
          System.arraycopy(qkv.floats(), from, values, t * width, width);
        }
        if (part < 2 && rotation.isPresent()) {
          values = rotated(values, length, heads, rotation.get());
        }
        parts[part] = new ScalarTensor(Shape.of(1, length, width), DType.FLOAT32, values);
      }
      boolean[] valid = new boolean[length];
      Arrays.fill(valid, true);
      float[] attended = attention(parts[0], parts[1], parts[2], valid, heads, scale);
      System.arraycopy(attended, 0, to, packing.start(s) * width, attended.length);
    }
    return to;
  }

  private static float[] rotated(float[] from, int positions, int heads, Rotation rotation) {
    int headWidth = ScalarTensor.of(rotation.cos()).dim(1);
    int half = headWidth / 2;
    float[] c = ScalarTensor.of(rotation.cos()).floats();
    float[] s = ScalarTensor.of(rotation.sin()).floats();
    float[] to = new float[from.length];
    for (int p = 0; p < positions; p++) {
      for (int h = 0; h < heads; h++) {
        int start = (p * heads + h) * headWidth;
        for (int i = 0; i < headWidth; i++) {
          float other = i < half ? -from[start + i + half] : from[start + i - half];
          int angle = p * headWidth + i;
          to[start + i] = (float) ((double) from[start + i] * c[angle] + (double) other * s[angle]);
        }
      }
    }
    return to;
  }

  /** Keys that are not valid get the score negative infinity, hence no weight. */
  static float[] attention(
      ScalarTensor q, ScalarTensor k, ScalarTensor v, boolean[] valid, int heads, double scale) {
    int queries = q.dim(1);
    int keys = k.dim(1);
    int width = q.dim(2);
    int headWidth = width / heads;
    float[] query = q.floats();
    float[] key = k.floats();
    float[] value = v.floats();
    float[] to = new float[query.length];
    double[] weights = new double[keys];
    for (int b = 0; b < q.dim(0); b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < queries; i++) {
          int at = (b * queries + i) * width + h * headWidth;
          for (int j = 0; j < keys; j++) {
            int other = (b * keys + j) * width + h * headWidth;
            weights[j] =
                valid[b * keys + j]
                    ? scale * dot(query, at, key, other, headWidth)
                    : Double.NEGATIVE_INFINITY;
          }
          Reductions.softmax(weights);
          for (int d = 0; d < headWidth; d++) {
            double sum = 0;
            for (int j = 0; j < keys; j++) {
              sum += weights[j] * value[(b * keys + j) * width + h * headWidth + d];
            }
            to[at + d] = (float) sum;
          }
        }
      }
    }
    return to;
  }

  private static double dot(float[] a, int aStart, float[] b, int bStart, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (double) a[aStart + i] * b[bStart + i];
    }
    return sum;
  }
}
