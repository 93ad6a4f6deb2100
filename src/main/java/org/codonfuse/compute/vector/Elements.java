package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import jdk.incubator.vector.FloatVector;
import org.codonfuse.compute.Binary;

/** Element-wise operations on floats that lie one after the other. */
final class Elements {
  private Elements() {}

  /** A function of two rows; {@code to} may be one of them. */
  static void combine(
      Binary function, float[] a, int a0, float[] b, int b0, float[] to, int t0, int n) {
    switch (function) {
      case ADD -> add(a, a0, b, b0, to, t0, n);
      case SUBTRACT -> subtract(a, a0, b, b0, to, t0, n);
      case MULTIPLY -> multiply(a, a0, b, b0, to, t0, n);
      case DIVIDE -> divide(a, a0, b, b0, to, t0, n);
    }
  }

  private static void add(float[] a, int a0, float[] b, int b0, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, a, a0 + i)
          .add(FloatVector.fromArray(FLOATS, b, b0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = a[a0 + i] + b[b0 + i];
    }
  }

  private static void subtract(float[] a, int a0, float[] b, int b0, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, a, a0 + i)
          .sub(FloatVector.fromArray(FLOATS, b, b0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = a[a0 + i] - b[b0 + i];
    }
  }

  private static void multiply(float[] a, int a0, float[] b, int b0, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, a, a0 + i)
          .mul(FloatVector.fromArray(FLOATS, b, b0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = a[a0 + i] * b[b0 + i];
    }
  }

  private static void divide(float[] a, int a0, float[] b, int b0, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, a, a0 + i)
          .div(FloatVector.fromArray(FLOATS, b, b0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = a[a0 + i] / b[b0 + i];
    }
  }

  /** A function of every value of a row and one number, which is its right side or its left. */
  static void combine(
      Binary function, float[] a, int a0, float x, boolean right, float[] to, int t0, int n) {
    FloatVector b = FloatVector.broadcast(FLOATS, x);
    int whole = FLOATS.loopBound(n);
    switch (function) {
      case ADD -> {
        for (int i = 0; i < whole; i += LANES) {
          FloatVector.fromArray(FLOATS, a, a0 + i).add(b).intoArray(to, t0 + i);
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < whole; i += LANES) {
          FloatVector.fromArray(FLOATS, a, a0 + i).mul(b).intoArray(to, t0 + i);
        }
      }
      case SUBTRACT, DIVIDE -> whole = 0;
    }
    for (int i = whole; i < n; i++) {
      float left = right ? a[a0 + i] : x;
      float other = right ? x : a[a0 + i];
      to[t0 + i] =
          switch (function) {
            case ADD -> left + other;
            case SUBTRACT -> left - other;
            case MULTIPLY -> left * other;
            case DIVIDE -> left / other;
          };
    }
  }

  /** x · scale + shift, rounded once; {@code to} may be x. */
  static void affine(float[] x, int x0, float scale, float shift, float[] to, int t0, int n) {
    FloatVector s = FloatVector.broadcast(FLOATS, scale);
    FloatVector b = FloatVector.broadcast(FLOATS, shift);
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, x, x0 + i).fma(s, b).intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = Math.fma(x[x0 + i], scale, shift);
    }
  }

  /** Values limited to [low, high]; NaN stays. */
  static void clamp(float[] x, int x0, float low, float high, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, x, x0 + i).max(low).min(high).intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = Math.min(Math.max(x[x0 + i], low), high);
    }
  }
}
