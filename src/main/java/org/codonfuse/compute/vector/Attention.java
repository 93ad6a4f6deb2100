package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;
import static org.codonfuse.compute.vector.Tiles.ROWS;
import static org.codonfuse.compute.vector.Tiles.VECTORS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Scaled dot-product attention of one head, a few queries at a time: their scores stay in the
 * first-level cache and [queries, keys] is never in memory. Holds what a thread needs meanwhile;
 * not for several threads at once.
 */
final class Attention {
  /** The other half of a vector, for heads as wide as one. */
  private static final VectorShuffle<Float> HALVES_SWAPPED =
      VectorShuffle.fromOp(FLOATS, i -> (i + LANES / 2) % LANES);

  /** −1 in the first half, 1 in the second. */
  private static final FloatVector SIGNS = signs();

  private float[] rows = new float[0];
  private float[] keys = new float[0];
  private float[] values = new float[0];
  private float[] scores = new float[0];
  private float[] queries = new float[0];
  private float[] out = new float[0];
  private float[] zeros = new float[0];

  /** Cosines and sines [positions, width]; the arrays are null where nothing is rotated. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Angles(float[] cos, int cos0, float[] sin, int sin0) {
    static final Angles NONE = new Angles(null, 0, null, 0);
  }

  /**
   * Queries, keys or values of a head: row t at {@code offset + t · stride}.
   *
   * @param stride values from a row to the next
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Part(float[] array, int offset, int stride) {}

  private static FloatVector signs() {
    float[] signs = new float[LANES];
    Arrays.fill(signs, 1);
    Arrays.fill(signs, 0, LANES / 2, -1);
    return FloatVector.fromArray(FLOATS, signs, 0);
  }

  /**
   * softmax(scale · q kᵀ) v.
   *
   * @param valid rows of k and v that take part
   * @param angles of queries and keys, by position
   * @param width of the head
   * @param to the result, row t at {@code t0 + t · stride}
   */
  void attend(
      Part q,
      int queryCount,
      Part k,
      Part v,
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
    gather(k, v, valid, keyCount, angles, width, keyStride, valueStride);
    for (int i = 0; i < queryCount; i += ROWS) {
      int count = Math.min(ROWS, queryCount - i);
      for (int r = 0; r < count; r++) {
        int from = q.offset + (i + r) * q.stride;
        rotate(q.array, from, angles, (i + r) * width, scale, queries, r * width, width);
      }
      score(count, width, keyCount, keyStride);
      mix(count, keyCount, keyStride, width, valueStride);
      for (int r = 0; r < count; r++) {
        System.arraycopy(out, r * valueStride, to, t0 + (i + r) * stride, width);
      }
    }
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
      Part k,
      Part v,
      int[] valid,
      int keyCount,
      Angles angles,
      int width,
      int keyStride,
      int valueStride) {
    for (int t = 0; t < keyCount; t++) {
      int row = valid == null ? t : valid[t];
      rotate(k.array, k.offset + row * k.stride, angles, row * width, 1, rows, t * width, width);
      System.arraycopy(v.array, v.offset + row * v.stride, values, t * valueStride, width);
      Arrays.fill(values, t * valueStride + width, (t + 1) * valueStride, 0);
    }
    for (int d = 0; d < width; d++) {
      int to = d * keyStride;
      for (int t = 0; t < keyCount; t++) {
        keys[to + t] = rows[t * width + d];
      }
      Arrays.fill(keys, to + keyCount, to + keyStride, 0);
    }
  }

  /** scores = queries · keys, then e^(score − the row's largest). */
  private void score(int count, int width, int keyCount, int keyStride) {
    for (int j = 0; j < keyStride; ) {
      int vectors = vectors(keyStride - j);
      tile(vectors, width, queries, width, count, keys, j, keyStride, scores, j, keyStride);
      j += vectors * LANES;
    }
    for (int r = 0; r < count; r++) {
      Arrays.fill(scores, r * keyStride + keyCount, (r + 1) * keyStride, Float.NEGATIVE_INFINITY);
    }
  }

  /** out = the softmax of the scores · values. */
  private void mix(int count, int keyCount, int keyStride, int width, int valueStride) {
    float[] sums = queries; // The queries are not needed any more.
    for (int r = 0; r < count; r++) {
      sums[r] = Norms.exponentials(scores, r * keyStride, scores, r * keyStride, keyStride);
    }
    for (int j = 0; j < valueStride; ) {
      int vectors = vectors(valueStride - j);
      tile(
          vectors, keyCount, scores, keyStride, count, values, j, valueStride, out, j, valueStride);
      j += vectors * LANES;
    }
    for (int r = 0; r < count; r++) {
      Rows.scale(out, r * valueStride, 1 / sums[r], width);
    }
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
