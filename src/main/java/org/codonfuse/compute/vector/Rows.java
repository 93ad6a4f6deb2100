package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;

/**
 * Rows of a matrix in an array or in memory, where they may be float32, bfloat16 or float16 and are
 * widened in registers. Sums go to a row that stays in the first-level cache, so that what is read
 * is read once and in order.
 */
final class Rows {
  private static final ValueLayout.OfFloat FLOAT32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Rows() {}

  /** Copies {@code n} stored values from the {@code from}-th on, widened. */
  static void read(MemorySegment segment, DType stored, long from, float[] to, int at, int n) {
    switch (stored) {
      case FLOAT32 -> MemorySegment.copy(segment, FLOAT32, 4 * from, to, at, n);
      case BFLOAT16 -> {
        int whole = FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += LANES) {
          Lanes.bfloat16(segment, 2 * from + 2L * i).intoArray(to, at + i);
        }
        for (int i = whole; i < n; i++) {
          to[at + i] = scalar(segment, stored, from + i);
        }
      }
      case FLOAT16 -> {
        int whole = FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += LANES) {
          Lanes.float16(segment, 2 * from + 2L * i).intoArray(to, at + i);
        }
        for (int i = whole; i < n; i++) {
          to[at + i] = scalar(segment, stored, from + i);
        }
      }
      default -> throw new IllegalArgumentException("Rows are not stored as " + stored);
    }
  }

  /** to = weight · from. */
  static void multiply(float[] from, int f0, float weight, float[] to, int t0, int n) {
    Elements.affine(from, f0, weight, 0, to, t0, n);
  }

  /** The same from memory, of which {@code from} is the index of the first value. */
  static void multiply(
      MemorySegment segment, DType stored, long from, float weight, float[] to, int t0, int n) {
    switch (stored) {
      case FLOAT32 -> multiplyFloat32(segment, 4 * from, weight, to, t0, FLOATS.loopBound(n));
      case BFLOAT16 -> multiplyBfloat16(segment, 2 * from, weight, to, t0, FLOATS.loopBound(n));
      case FLOAT16 -> multiplyFloat16(segment, 2 * from, weight, to, t0, FLOATS.loopBound(n));
      default -> throw new IllegalArgumentException("Rows are not stored as " + stored);
    }
    for (int i = FLOATS.loopBound(n); i < n; i++) {
      to[t0 + i] = scalar(segment, stored, from + i) * weight;
    }
  }

  private static void multiplyFloat32(
      MemorySegment from, long at, float weight, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      Lanes.float32(from, at + 4L * i).mul(weight).intoArray(to, t0 + i);
    }
  }

  private static void multiplyBfloat16(
      MemorySegment from, long at, float weight, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      Lanes.bfloat16(from, at + 2L * i).mul(weight).intoArray(to, t0 + i);
    }
  }

  private static void multiplyFloat16(
      MemorySegment from, long at, float weight, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      Lanes.float16(from, at + 2L * i).mul(weight).intoArray(to, t0 + i);
    }
  }

  /** to += weight · from. */
  static void add(float[] from, int f0, float weight, float[] to, int t0, int n) {
    FloatVector w = FloatVector.broadcast(FLOATS, weight);
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, from, f0 + i)
          .fma(w, FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = Math.fma(from[f0 + i], weight, to[t0 + i]);
    }
  }

  /** The same from memory, of which {@code from} is the index of the first value. */
  static void add(
      MemorySegment segment, DType stored, long from, float weight, float[] to, int t0, int n) {
    switch (stored) {
      case FLOAT32 -> addFloat32(segment, 4 * from, weight, to, t0, FLOATS.loopBound(n));
      case BFLOAT16 -> addBfloat16(segment, 2 * from, weight, to, t0, FLOATS.loopBound(n));
      case FLOAT16 -> addFloat16(segment, 2 * from, weight, to, t0, FLOATS.loopBound(n));
      default -> throw new IllegalArgumentException("Rows are not stored as " + stored);
    }
    for (int i = FLOATS.loopBound(n); i < n; i++) {
      to[t0 + i] = Math.fma(scalar(segment, stored, from + i), weight, to[t0 + i]);
    }
  }

  private static void addFloat32(
      MemorySegment from, long at, float weight, float[] to, int t0, int n) {
    FloatVector w = FloatVector.broadcast(FLOATS, weight);
    for (int i = 0; i < n; i += LANES) {
      Lanes.float32(from, at + 4L * i)
          .fma(w, FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
  }

  private static void addBfloat16(
      MemorySegment from, long at, float weight, float[] to, int t0, int n) {
    FloatVector w = FloatVector.broadcast(FLOATS, weight);
    for (int i = 0; i < n; i += LANES) {
      Lanes.bfloat16(from, at + 2L * i)
          .fma(w, FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
  }

  private static void addFloat16(
      MemorySegment from, long at, float weight, float[] to, int t0, int n) {
    FloatVector w = FloatVector.broadcast(FLOATS, weight);
    for (int i = 0; i < n; i += LANES) {
      Lanes.float16(from, at + 2L * i)
          .fma(w, FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
  }

  /** to = max(to, from); NaN wins. */
  static void max(float[] from, int f0, float[] to, int t0, int n) {
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, from, f0 + i)
          .max(FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
    for (int i = whole; i < n; i++) {
      to[t0 + i] = Math.max(from[f0 + i], to[t0 + i]);
    }
  }

  /** The same from memory. */
  static void max(MemorySegment segment, DType stored, long from, float[] to, int t0, int n) {
    switch (stored) {
      case FLOAT32 -> maxFloat32(segment, 4 * from, to, t0, FLOATS.loopBound(n));
      case BFLOAT16 -> maxBfloat16(segment, 2 * from, to, t0, FLOATS.loopBound(n));
      case FLOAT16 -> maxFloat16(segment, 2 * from, to, t0, FLOATS.loopBound(n));
      default -> throw new IllegalArgumentException("Rows are not stored as " + stored);
    }
    for (int i = FLOATS.loopBound(n); i < n; i++) {
      to[t0 + i] = Math.max(scalar(segment, stored, from + i), to[t0 + i]);
    }
  }

  private static void maxFloat32(MemorySegment from, long at, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      Lanes.float32(from, at + 4L * i)
          .max(FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
  }

  private static void maxBfloat16(MemorySegment from, long at, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      Lanes.bfloat16(from, at + 2L * i)
          .max(FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
  }

  private static void maxFloat16(MemorySegment from, long at, float[] to, int t0, int n) {
    for (int i = 0; i < n; i += LANES) {
      Lanes.float16(from, at + 2L * i)
          .max(FloatVector.fromArray(FLOATS, to, t0 + i))
          .intoArray(to, t0 + i);
    }
  }

  private static float scalar(MemorySegment segment, DType stored, long index) {
    return switch (stored) {
      case FLOAT32 -> segment.get(FLOAT32, 4 * index);
      case BFLOAT16 -> Bfloat16.toFloat(segment.get(HALF, 2 * index));
      case FLOAT16 -> Float.float16ToFloat(segment.get(HALF, 2 * index));
      default -> throw new IllegalArgumentException("Rows are not stored as " + stored);
    };
  }

  /** Largest of some values, of which NaN may be taken for any other. */
  static float max(float[] x, int x0, int n) {
    float max = Float.NEGATIVE_INFINITY;
    int whole = FLOATS.loopBound(n);
    if (whole > 0) {
      FloatVector m = FloatVector.fromArray(FLOATS, x, x0);
      for (int i = LANES; i < whole; i += LANES) {
        FloatVector next = FloatVector.fromArray(FLOATS, x, x0 + i);
        VectorMask<Float> larger = next.compare(VectorOperators.GT, m);
        m = m.blend(next, larger);
      }
      max = m.reduceLanes(VectorOperators.MAX);
    }
    for (int i = whole; i < n; i++) {
      max = Math.max(max, x[x0 + i]);
    }
    return max;
  }

  /** Sum of some values. */
  static float sum(float[] x, int x0, int n) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = FloatVector.zero(FLOATS);
    int pairs = n / (2 * LANES) * (2 * LANES);
    for (int i = 0; i < pairs; i += 2 * LANES) {
      a = a.add(FloatVector.fromArray(FLOATS, x, x0 + i));
      b = b.add(FloatVector.fromArray(FLOATS, x, x0 + i + LANES));
    }
    float sum = Lanes.sum(a.add(b));
    for (int i = pairs; i < n; i++) {
      sum += x[x0 + i];
    }
    return sum;
  }
}
