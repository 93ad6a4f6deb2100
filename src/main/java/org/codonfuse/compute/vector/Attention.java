package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.EIGHTHS_SWAPPED;
import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.HALVES_SWAPPED;
import static org.codonfuse.compute.vector.Lanes.LANES;
import static org.codonfuse.compute.vector.Lanes.QUARTERS_SWAPPED;
import static org.codonfuse.compute.vector.Lanes.SIXTEENTHS_SWAPPED;
import static org.codonfuse.compute.vector.Tiles.ROWS;
import static org.codonfuse.compute.vector.Tiles.VECTORS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Scaled dot-product attention of one head, a few queries at a time: their scores stay in the
 * first-level cache and [queries, keys] is never in memory. Holds what a thread needs meanwhile;
 * not for several threads at once.
 */
final class Attention {
  /**
   * 1.5 · 2^23 + 127: adding it rounds to whole numbers, whose exponents in float32 are then the
   * low bits.
   */
  private static final float ROUND = 12582912f + 127;

  /** −1 in the first half, 1 in the second. */
  private static final FloatVector SIGNS = signs();

  /** Scores are powers of 2 rather than of e, which takes fewer instructions. */
  private static final float LOG2_E = 1.442695f;

  /** Floats in a cache line. */
  private static final int LINE = 16;

  private float[] rows = new float[0];
  private float[] keys = new float[0];
  private float[] values = new float[0];
  private float[] scores = new float[0];
  private float[] queries = new float[0];
  private float[] out = new float[0];
  private float[] zeros = new float[0];

  /** So that reading is not left out. */
  @SuppressWarnings("unused")
  private float near;

  /** Cosines and sines [positions, width]; the arrays are null where nothing is rotated. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Angles(float[] cos, int cos0, float[] sin, int sin0) {
    static final Angles NONE = new Angles(null, 0, null, 0);
  }

  private static FloatVector signs() {
    float[] signs = new float[LANES];
    Arrays.fill(signs, 1);
    Arrays.fill(signs, 0, LANES / 2, -1);
    return FloatVector.fromArray(FLOATS, signs, 0);
  }

  /**
   * softmax(scale · q kᵀ) v.
   *
   * @param q where the queries are, row t at {@code q0 + t · from}; keys and values likewise
   * @param from values from a row of queries, keys or values to the next
   * @param valid rows of keys and values that take part; null for all
   * @param angles of queries and keys, by position
   * @param width of the head
   * @param to the result, row t at {@code t0 + t · stride}
   */
  void attend(
      float[] q,
      int q0,
      int queryCount,
      float[] k,
      int k0,
      float[] v,
      int v0,
      int from,
      int[] valid,
      int keyCount,
      Angles angles,
      float scale,
      int width,
      float[] to,
      int t0,
      int stride) {
    int keyStride = Lanes.padded(keyCount);
    int valueStride = Lanes.padded(width);
    reserve(keyCount, keyStride, width, valueStride);
    gather(k, k0, v, v0, from, valid, keyCount, angles, width, keyStride, valueStride);
    for (int i = 0; i < queryCount; i += ROWS) {
      int count = Math.min(ROWS, queryCount - i);
      for (int r = 0; r < count; r++) {
        int row = q0 + (i + r) * from;
        rotate(q, row, angles, (i + r) * width, scale * LOG2_E, queries, r * width, width);
      }
      score(count, width, keyCount, keyStride);
      mix(count, keyCount, keyStride, valueStride);
      for (int r = 0; r < count; r++) {
        float share = 1 / queries[r];
        Elements.affine(out, r * valueStride, share, 0, to, t0 + (i + r) * stride, width);
      }
    }
  }

  /**
   * Reads one value of every cache line in order, which the processor foresees; heads are then read
   * from, or written to, the cache, a line of every row at a time, which it would not.
   */
  void bringNear(float[] array, int from, int to) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = from;
    for (; i < to - 3 * LINE; i += 4 * LINE) {
      a += array[i];
      b += array[i + LINE];
      c += array[i + 2 * LINE];
      d += array[i + 3 * LINE];
    }
    near = a + b + c + d;
  }

  private void reserve(int keyCount, int keyStride, int width, int valueStride) {
    rows = atLeast(rows, keyCount * width);
    keys = atLeast(keys, width * keyStride);
    values = atLeast(values, keyCount * valueStride);
    scores = atLeast(scores, ROWS * keyStride);
    queries = atLeast(queries, ROWS * width);
    out = atLeast(out, ROWS * valueStride);
    zeros = atLeast(zeros, Math.max(keyStride, valueStride));
  }

  private static float[] atLeast(float[] array, int n) {
    return array.length >= n ? array : new float[n];
  }

  /** Keys, rotated and transposed, and values, each row padded to whole vectors. */
  private void gather(
      float[] k,
      int k0,
      float[] v,
      int v0,
      int from,
      int[] valid,
      int keyCount,
      Angles angles,
      int width,
      int keyStride,
      int valueStride) {
    for (int t = 0; t < keyCount; t++) {
      int row = valid == null ? t : valid[t];
      rotate(k, k0 + row * from, angles, row * width, 1, rows, t * width, width);
      copy(v, v0 + row * from, values, t * valueStride, width);
      for (int d = t * valueStride + width; d < (t + 1) * valueStride; d++) {
        values[d] = 0;
      }
    }
    for (int d = 0; d < width; d++) {
      int to = d * keyStride;
      for (int t = 0; t < keyCount; t++) {
        keys[to + t] = rows[t * width + d];
      }
      for (int t = keyCount; t < keyStride; t++) {
        keys[to + t] = 0;
      }
    }
  }

  /** scores = queries · keys. */
  private void score(int count, int width, int keyCount, int keyStride) {
    for (int j = 0; j < keyStride; ) {
      int vectors = vectors(keyStride - j);
      tile(vectors, width, queries, width, count, keys, j, keyStride, scores, j, keyStride);
      j += vectors * LANES;
    }
    for (int r = 0; r < count; r++) {
      for (int j = r * keyStride + keyCount; j < (r + 1) * keyStride; j++) {
        scores[j] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** out = 2^(score − the row's largest) · values; the sums of these powers to {@code queries}. */
  private void mix(int count, int keyCount, int keyStride, int valueStride) {
    for (int r = 0; r < count; r++) {
      // The queries are not needed any more.
      queries[r] = powers(scores, r * keyStride, keyStride);
    }
    for (int j = 0; j < valueStride; ) {
      int vectors = vectors(valueStride - j);
      tile(
          vectors, keyCount, scores, keyStride, count, values, j, valueStride, out, j, valueStride);
      j += vectors * LANES;
    }
  }

  /**
   * 2^(x − max x) in place, for whole vectors, and their sum. One method, too long to be made part
   * of its callers: those are long themselves, and where C2 ends to inline it makes objects of
   * vectors. The maximum leaves its loop as a number for the same reason.
   */
  private static float powers(float[] x, int x0, int n) {
    float largest;
    if (n >= 4 * LANES) {
      // Four chains: each link takes several cycles.
      FloatVector a = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector b = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector c = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector d = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < n; i += 4 * LANES) {
        int at = x0 + Math.min(i, n - 4 * LANES);
        FloatVector first = FloatVector.fromArray(FLOATS, x, at);
        a = a.blend(first, first.compare(VectorOperators.GT, a));
        FloatVector second = FloatVector.fromArray(FLOATS, x, at + LANES);
        b = b.blend(second, second.compare(VectorOperators.GT, b));
        FloatVector third = FloatVector.fromArray(FLOATS, x, at + 2 * LANES);
        c = c.blend(third, third.compare(VectorOperators.GT, c));
        FloatVector fourth = FloatVector.fromArray(FLOATS, x, at + 3 * LANES);
        d = d.blend(fourth, fourth.compare(VectorOperators.GT, d));
      }
      a = a.blend(b, b.compare(VectorOperators.GT, a));
      c = c.blend(d, d.compare(VectorOperators.GT, c));
      a = a.blend(c, c.compare(VectorOperators.GT, a));
      FloatVector halves = a.rearrange(HALVES_SWAPPED);
      a = a.blend(halves, halves.compare(VectorOperators.GT, a));
      FloatVector quarters = a.rearrange(QUARTERS_SWAPPED);
      a = a.blend(quarters, quarters.compare(VectorOperators.GT, a));
      FloatVector eighths = a.rearrange(EIGHTHS_SWAPPED);
      a = a.blend(eighths, eighths.compare(VectorOperators.GT, a));
      FloatVector sixteenths = a.rearrange(SIXTEENTHS_SWAPPED);
      a = a.blend(sixteenths, sixteenths.compare(VectorOperators.GT, a));
      largest = a.lane(0);
    } else {
      FloatVector a = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < n; i += LANES) {
        FloatVector next = FloatVector.fromArray(FLOATS, x, x0 + i);
        a = a.blend(next, next.compare(VectorOperators.GT, a));
      }
      FloatVector halves = a.rearrange(HALVES_SWAPPED);
      a = a.blend(halves, halves.compare(VectorOperators.GT, a));
      FloatVector quarters = a.rearrange(QUARTERS_SWAPPED);
      a = a.blend(quarters, quarters.compare(VectorOperators.GT, a));
      FloatVector eighths = a.rearrange(EIGHTHS_SWAPPED);
      a = a.blend(eighths, eighths.compare(VectorOperators.GT, a));
      FloatVector sixteenths = a.rearrange(SIXTEENTHS_SWAPPED);
      a = a.blend(sixteenths, sixteenths.compare(VectorOperators.GT, a));
      largest = a.lane(0);
    }
    FloatVector max = FloatVector.broadcast(FLOATS, largest);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int j = 0; j < n; j += LANES) {
      FloatVector difference = FloatVector.fromArray(FLOATS, x, x0 + j).sub(max);
      FloatVector rounded = difference.add(ROUND);
      FloatVector f = difference.sub(rounded.sub(ROUND));
      FloatVector p = FloatVector.broadcast(FLOATS, 0.0013264718f);
      p = p.fma(f, FloatVector.broadcast(FLOATS, 0.009671513f));
      p = p.fma(f, FloatVector.broadcast(FLOATS, 0.05550734f));
      p = p.fma(f, FloatVector.broadcast(FLOATS, 0.24022242f));
      p = p.fma(f, FloatVector.broadcast(FLOATS, 0.693147f));
      p = p.fma(f, FloatVector.broadcast(FLOATS, 1f));
      FloatVector scale =
          rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      FloatVector power = p.mul(scale).blend(0f, difference.compare(VectorOperators.LT, -126f));
      sum = sum.add(power);
      power.intoArray(x, x0 + j);
    }
    return Lanes.sum(sum);
  }

  private static int vectors(int floats) {
    int left = floats / LANES;
    return left >= VECTORS ? VECTORS : left >= 2 ? 2 : 1;
  }

  private void tile(
      int vectors,
      int k,
      float[] a,
      int lda,
      int count,
      float[] b,
      int b0,
      int ldb,
      float[] c,
      int c0,
      int ldc) {
    int last = count - 1;
    Tiles.narrow(
        vectors,
        k,
        a,
        0,
        Math.min(1, last) * lda,
        Math.min(2, last) * lda,
        Math.min(3, last) * lda,
        Math.min(4, last) * lda,
        b,
        b0,
        ldb,
        zeros,
        0,
        0,
        c,
        c0,
        ldc,
        count);
  }

  private static void copy(float[] from, int f0, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, from, f0 + i).intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = from[f0 + i];
    }
  }

  /** A row times a factor, its halves rotated where there are angles. */
  private static void rotate(
      float[] from, int f0, Angles angles, int at, float factor, float[] to, int t0, int width) {
    if (angles.cos == null) {
      Elements.affine(from, f0, factor, 0, to, t0, width);
      return;
    }
    int cos = angles.cos0 + at;
    int sin = angles.sin0 + at;
    int half = width / 2;
    if (width == LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, from, f0);
      FloatVector other = x.rearrange(HALVES_SWAPPED).mul(SIGNS);
      x.mul(FloatVector.fromArray(FLOATS, angles.cos, cos))
          .add(other.mul(FloatVector.fromArray(FLOATS, angles.sin, sin)))
          .mul(factor)
          .intoArray(to, t0);
    } else if (half % LANES == 0) {
      for (int i = 0; i < half; i += LANES) {
        FloatVector left = FloatVector.fromArray(FLOATS, from, f0 + i);
        FloatVector right = FloatVector.fromArray(FLOATS, from, f0 + half + i);
        left.mul(FloatVector.fromArray(FLOATS, angles.cos, cos + i))
            .sub(right.mul(FloatVector.fromArray(FLOATS, angles.sin, sin + i)))
            .mul(factor)
            .intoArray(to, t0 + i);
        right
            .mul(FloatVector.fromArray(FLOATS, angles.cos, cos + half + i))
            .add(left.mul(FloatVector.fromArray(FLOATS, angles.sin, sin + half + i)))
            .mul(factor)
            .intoArray(to, t0 + half + i);
      }
    } else {
      for (int i = 0; i < half; i++) {
        float left = from[f0 + i];
        float right = from[f0 + half + i];
        to[t0 + i] = (left * angles.cos[cos + i] - right * angles.sin[sin + i]) * factor;
        to[t0 + half + i] =
            (right * angles.cos[cos + half + i] + left * angles.sin[sin + half + i]) * factor;
      }
    }
  }
}
