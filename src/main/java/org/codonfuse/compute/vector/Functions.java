package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.codonfuse.compute.Unary;

/**
 * Functions of every lane. Quotients of polynomials were fitted to float32 arithmetic with fused
 * multiply-adds; errors are the largest over four million arguments. NaN stays NaN.
 *
 * <p>Every formula stands in its loop: as a method from vectors to vectors it may be compiled
 * before its caller, is then too large to be inlined, and makes an object of every vector.
 */
final class Functions {
  private static final float LOG2_E = 1.442695f;

  /** ln 2 in two parts, the first of which has few bits: n · it is exact. */
  private static final float LN2_HIGH = 0.6933594f;

  private static final float LN2_LOW = -2.1219444e-4f;

  /** 1.5 · 2^23: adding it rounds to whole numbers, which are then the low bits. */
  private static final float ROUND = 12582912f;

  /** Below, e^x is less than 1.67e-38, and half of it is no normal number. */
  private static final float SMALLEST = -86.9899f;

  private static final float LARGEST = 88.72283f;

  /** From here on, 2 Φ(x) − 1 is 1 within 2e-7. */
  private static final float GELU_END = 5.2f;

  /** From here on, tanh x is 1 within 2.3e-7; soon after, the quotient would be larger than 1. */
  private static final float TANH_END = 8f;

  private Functions() {}

  /**
   * A function of {@code n} values; {@code from} and {@code to} do not overlap. Every value is
   * computed in the same way, wherever it stands.
   */
  static void apply(Unary function, float[] from, int f0, float[] to, int t0, int n) {
    if (n >= LANES) {
      whole(function, from, f0, to, t0, n);
    } else if (n > 0) {
      float[] padded = new float[LANES];
      float[] result = new float[LANES];
      System.arraycopy(from, f0, padded, 0, n);
      whole(function, padded, 0, result, 0, LANES);
      System.arraycopy(result, 0, to, t0, n);
    }
  }

  private static void whole(Unary function, float[] from, int f0, float[] to, int t0, int n) {
    switch (function) {
      case RELU -> relu(from, f0, to, t0, n);
      case GELU -> gelu(from, f0, to, t0, n);
      case SILU -> silu(from, f0, to, t0, n);
      case TANH -> tanh(from, f0, to, t0, n);
      case SIGMOID -> sigmoid(from, f0, to, t0, n);
      case EXP -> exp(from, f0, 1, 0, to, t0, n);
      case LOG -> log(from, f0, to, t0, n);
    }
  }

  private static void relu(float[] from, int f0, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      int at = Math.min(i, n - LANES);
      FloatVector.fromArray(FLOATS, from, f0 + at).max(0).intoArray(to, t0 + at);
    }
  }

  /** x · Φ(x) within 8.3e-7, or 2e-6 of it where that is more. */
  private static void gelu(float[] from, int f0, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      int at = Math.min(i, n - LANES);
      FloatVector x = FloatVector.fromArray(FLOATS, from, f0 + at);
      FloatVector u = x.mul(x);
      FloatVector p = broadcast(2.4543906e-10f);
      p = p.fma(u, broadcast(-4.5838167e-8f));
      p = p.fma(u, broadcast(6.2661943e-6f));
      p = p.fma(u, broadcast(3.0899944e-4f));
      p = p.fma(u, broadcast(0.008806498f));
      p = p.fma(u, broadcast(0.06849292f));
      p = p.fma(u, broadcast(0.79788435f));
      FloatVector q = broadcast(5.762233e-5f);
      q = q.fma(u, broadcast(0.001735172f));
      q = q.fma(u, broadcast(0.0281257f));
      q = q.fma(u, broadcast(0.25250787f));
      q = q.fma(u, broadcast(1f));
      FloatVector erf = x.mul(p).div(q);
      erf = erf.blend(1f, x.compare(VectorOperators.GT, GELU_END));
      erf = erf.blend(-1f, x.compare(VectorOperators.LT, -GELU_END));
      x.mul(0.5f).mul(erf.add(1f)).intoArray(to, t0 + at);
    }
  }

  /** Within 3.2e-7 of itself. */
  private static void tanh(float[] from, int f0, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      int at = Math.min(i, n - LANES);
      FloatVector x = FloatVector.fromArray(FLOATS, from, f0 + at);
      FloatVector u = x.mul(x);
      FloatVector p = broadcast(-1.2083952e-11f);
      p = p.fma(u, broadcast(3.0402244e-8f));
      p = p.fma(u, broadcast(2.7923954e-5f));
      p = p.fma(u, broadcast(0.0038639628f));
      p = p.fma(u, broadcast(0.1367637f));
      p = p.fma(u, broadcast(1f));
      FloatVector q = broadcast(1.2817736e-6f);
      q = q.fma(u, broadcast(3.9310986e-4f));
      q = q.fma(u, broadcast(0.027229667f));
      q = q.fma(u, broadcast(0.470097f));
      q = q.fma(u, broadcast(1f));
      FloatVector t = x.mul(p).div(q);
      t = t.blend(1f, x.compare(VectorOperators.GT, TANH_END));
      t = t.blend(-1f, x.compare(VectorOperators.LT, -TANH_END));
      t.intoArray(to, t0 + at);
    }
  }

  /** x / (1 + e^−x), within 4 units in the last place; −0 below −88.7, where e^−x overflows. */
  private static void silu(float[] from, int f0, float[] to, int t0, int n) {
    exp(from, f0, -1, 0, to, t0, n);
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, from, f0 + i)
          .div(FloatVector.fromArray(FLOATS, to, t0 + i).add(1f))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = from[f0 + i] / (1 + to[t0 + i]);
    }
  }

  /** 1 / (1 + e^−x), within 4 units in the last place where that is a normal number. */
  private static void sigmoid(float[] from, int f0, float[] to, int t0, int n) {
    exp(from, f0, -1, 0, to, t0, n);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      one.div(FloatVector.fromArray(FLOATS, to, t0 + i).add(1f)).intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = 1 / (1 + to[t0 + i]);
    }
  }

  /** Too rare in models for a kernel of our own. */
  private static void log(float[] from, int f0, float[] to, int t0, int n) {
    for (int i = 0; i < n; i++) {
      to[t0 + i] = (float) Math.log(from[f0 + i]);
    }
  }

  /**
   * e^(factor · x + shift) of at least a vector of values, within 2 units in the last place from
   * 1.67e-38 on, 0 below. The coefficients are those of Cephes' expf.
   */
  static void exp(float[] from, int f0, float factor, float shift, float[] to, int t0, int n) {
    FloatVector a = FloatVector.broadcast(FLOATS, factor);
    FloatVector b = FloatVector.broadcast(FLOATS, shift);
    for (int i = 0; i < n; i += LANES) {
      int at = Math.min(i, n - LANES);
      FloatVector x = FloatVector.fromArray(FLOATS, from, f0 + at).fma(a, b);
      // The low bits of what is rounded are the exponent of half of the result: the largest ones
      // are 2 · 2^127 · less than 1.
      FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUND + 126));
      FloatVector k = rounded.sub(ROUND + 126);
      FloatVector r = k.fma(broadcast(-LN2_HIGH), x);
      r = k.fma(broadcast(-LN2_LOW), r);
      FloatVector p = broadcast(1.9875691e-4f);
      p = p.fma(r, broadcast(0.0013981999f));
      p = p.fma(r, broadcast(0.008333452f));
      p = p.fma(r, broadcast(0.041665796f));
      p = p.fma(r, broadcast(0.16666666f));
      p = p.fma(r, broadcast(0.5f));
      p = p.fma(r.mul(r), r).add(1f);
      FloatVector half =
          p.mul(
              rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      half.add(half)
          .blend(0f, x.compare(VectorOperators.LT, SMALLEST))
          .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, LARGEST))
          .intoArray(to, t0 + at);
    }
  }

  private static FloatVector broadcast(float x) {
    return FloatVector.broadcast(FLOATS, x);
  }
}
