package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import jdk.incubator.vector.FloatVector;

/** Layer normalisation and softmax of a row. */
final class Norms {
  private Norms() {}

  /** (x − mean) / √(variance + ε) · weight + bias, the variance divided by n. */
  static void layerNorm(
      float[] x,
      int x0,
      float[] weight,
      int w0,
      float[] bias,
      int b0,
      double epsilon,
      float[] to,
      int t0,
      int n) {
    float mean = Rows.sum(x, x0, n) / n;
    float variance = squares(x, x0, mean, n) / n;
    float factor = (float) (1 / Math.sqrt(variance + epsilon));
    FloatVector m = FloatVector.broadcast(FLOATS, mean);
    FloatVector f = FloatVector.broadcast(FLOATS, factor);
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, x, x0 + i)
          .sub(m)
          .mul(f)
          .fma(
              FloatVector.fromArray(FLOATS, weight, w0 + i),
              FloatVector.fromArray(FLOATS, bias, b0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = Math.fma((x[x0 + i] - mean) * factor, weight[w0 + i], bias[b0 + i]);
    }
  }

  /** Σ (x − mean)². */
  private static float squares(float[] x, int x0, float mean, int n) {
    FloatVector m = FloatVector.broadcast(FLOATS, mean);
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = FloatVector.zero(FLOATS);
    int pairs = n / (2 * LANES) * (2 * LANES);
    for (int i = 0; i < pairs; i += 2 * LANES) {
      FloatVector first = FloatVector.fromArray(FLOATS, x, x0 + i).sub(m);
      FloatVector second = FloatVector.fromArray(FLOATS, x, x0 + i + LANES).sub(m);
      a = first.fma(first, a);
      b = second.fma(second, b);
    }
    float sum = Lanes.sum(a.add(b));
    for (int i = pairs; i < n; i++) {
      float distance = x[x0 + i] - mean;
      sum = Math.fma(distance, distance, sum);
    }
    return sum;
  }

  /** e^(x − max x) / Σ; {@code to} is not x. */
  static void softmax(float[] x, int x0, float[] to, int t0, int n) {
    if (n < LANES) {
      shortSoftmax(x, x0, to, t0, n);
      return;
    }
    Functions.exp(x, x0, 1, -Rows.max(x, x0, n), to, t0, n);
    float sum = Rows.sum(to, t0, n);
    // Not 1 / sum times: what is equal stays equal to 1 / n.
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, to, t0 + i).div(sum).intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] /= sum;
    }
  }

  private static void shortSoftmax(float[] x, int x0, float[] to, int t0, int n) {
    float max = Rows.max(x, x0, n);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      to[t0 + i] = (float) Math.exp(x[x0 + i] - max);
      sum += to[t0 + i];
    }
    for (int i = 0; i < n; i++) {
      to[t0 + i] = (float) (to[t0 + i] / sum);
    }
  }
}
