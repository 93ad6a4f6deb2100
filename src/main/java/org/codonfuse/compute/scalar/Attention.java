package org.codonfuse.compute.scalar;

/** Rotary positions and attention: each method returns the array of the result. */
final class Attention {
  private Attention() {}

  static float[] rotary(ScalarTensor x, ScalarTensor cos, ScalarTensor sin, int heads) {
    int positions = x.dim(1);
    int headWidth = x.dim(2) / heads;
    int half = headWidth / 2;
    float[] from = x.floats();
    float[] c = cos.floats();
    float[] s = sin.floats();
    float[] to = new float[from.length];
    for (int b = 0; b < x.dim(0); b++) {
      for (int p = 0; p < positions; p++) {
        for (int h = 0; h < heads; h++) {
          int start = ((b * positions + p) * heads + h) * headWidth;
          for (int i = 0; i < headWidth; i++) {
            float rotated = i < half ? -from[start + i + half] : from[start + i - half];
            int angle = p * headWidth + i;
            to[start + i] =
                (float) ((double) from[start + i] * c[angle] + (double) rotated * s[angle]);
          }
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
