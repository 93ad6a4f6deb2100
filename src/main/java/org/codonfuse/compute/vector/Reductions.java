package org.codonfuse.compute.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.codonfuse.compute.Around;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Segments;

/** Sums, means and maxima over rows of a tensor, from arrays or straight from mapped memory. */
final class Reductions {
  /** Values of a part: enough for the time it takes to hand it out not to count. */
  private static final int PART = 1 << 16;

  private final Workers workers;

  Reductions(Workers workers) {
    this.workers = workers;
  }

  /** A part of an operation's rows. */
  interface Range {
    void run(int from, int to);
  }

  /**
   * Runs over {@code count} things on all threads, in parts of about {@link #PART} values.
   *
   * @param values that belong to one of them
   */
  void each(int count, long values, Range range) {
    int per = Math.clamp(PART / Math.max(1, values), 1, Math.max(1, count));
    int parts = (count + per - 1) / per;
    if (parts <= 1) {
      range.run(0, count);
    } else {
      workers.run(parts, i -> range.run(i * per, Math.min(count, (i + 1) * per)));
    }
  }

  /** Sums over an axis, divided. */
  void sum(VectorTensor x, Around around, float divisor, float[] to) {
    VectorTensor.Floats from = x.floats();
    int inner = around.inner();
    each(
        around.outer(),
        (long) around.size() * inner,
        (begin, end) -> {
          for (int o = begin; o < end; o++) {
            int start = from.offset() + o * around.size() * inner;
            if (inner == 1) {
              to[o] = Rows.sum(from.array(), start, around.size()) / divisor;
              continue;
            }
            Arrays.fill(to, o * inner, (o + 1) * inner, 0);
            for (int s = 0; s < around.size(); s++) {
              Rows.add(from.array(), start + s * inner, 1, to, o * inner, inner);
            }
            if (divisor != 1) {
              divide(to, o * inner, divisor, inner);
            }
          }
        });
  }

  private static void divide(float[] x, int x0, float divisor, int n) {
    for (int i = x0; i < x0 + n; i++) {
      x[i] /= divisor;
    }
  }

  /** Weighted sums of rows; the segments' rows exist. */
  void segmentSum(VectorTensor x, Segments segments, float[] to) {
    int width = x.dim(1);
    int count = segments.count();
    int[] offsets = segments.offsets();
    long mean = count == 0 ? 0 : (long) offsets[count] * width / count;
    each(
        count,
        Math.max(mean, width),
        (begin, end) -> {
          for (int s = begin; s < end; s++) {
            int first = offsets[s];
            if (first == offsets[s + 1]) {
              Arrays.fill(to, s * width, (s + 1) * width, 0);
              continue;
            }
            setRow(x, segments.rows()[first], segments.weights()[first], to, s * width, width);
            for (int k = first + 1; k < offsets[s + 1]; k++) {
              addRow(x, segments.rows()[k], segments.weights()[k], to, s * width, width);
            }
          }
        });
  }

  /**
   * Means over the valid positions of [batch, position, width].
   *
   * @param valid of every position whether it counts
   */
  void maskedMean(VectorTensor x, boolean[] valid, int v0, float[] to) {
    int positions = x.dim(1);
    int width = x.dim(2);
    each(
        x.dim(0),
        (long) positions * width,
        (begin, end) -> {
          for (int b = begin; b < end; b++) {
            Arrays.fill(to, b * width, (b + 1) * width, 0);
            int counted = 0;
            for (int p = b * positions; p < (b + 1) * positions; p++) {
              if (valid[v0 + p]) {
                addRow(x, p, 1, to, b * width, width);
                counted++;
              }
            }
            divide(to, b * width, Math.max(1, counted), width);
          }
        });
  }

  /** Maxima over the valid positions of [batch, position, width]. */
  void maskedMax(VectorTensor x, boolean[] valid, int v0, float[] to) {
    int positions = x.dim(1);
    int width = x.dim(2);
    each(
        x.dim(0),
        (long) positions * width,
        (begin, end) -> {
          for (int b = begin; b < end; b++) {
            Arrays.fill(to, b * width, (b + 1) * width, Float.NEGATIVE_INFINITY);
            for (int p = b * positions; p < (b + 1) * positions; p++) {
              if (valid[v0 + p]) {
                maxRow(x, p, to, b * width, width);
              }
            }
          }
        });
  }

  private static void setRow(VectorTensor x, int row, float weight, float[] to, int t0, int width) {
    long from = (long) row * width;
    if (x.storage() instanceof Storage.Mapped(MemorySegment segment, DType stored)) {
      Rows.multiply(segment, stored, from, weight, to, t0, width);
    } else {
      VectorTensor.Floats floats = x.floats();
      Rows.multiply(floats.array(), (int) (floats.offset() + from), weight, to, t0, width);
    }
  }

  private static void addRow(VectorTensor x, int row, float weight, float[] to, int t0, int width) {
    long from = (long) row * width;
    if (x.storage() instanceof Storage.Mapped(MemorySegment segment, DType stored)) {
      Rows.add(segment, stored, from, weight, to, t0, width);
    } else {
      VectorTensor.Floats floats = x.floats();
      Rows.add(floats.array(), (int) (floats.offset() + from), weight, to, t0, width);
    }
  }

  private static void maxRow(VectorTensor x, int row, float[] to, int t0, int width) {
    long from = (long) row * width;
    if (x.storage() instanceof Storage.Mapped(MemorySegment segment, DType stored)) {
      Rows.max(segment, stored, from, to, t0, width);
    } else {
      VectorTensor.Floats floats = x.floats();
      Rows.max(floats.array(), (int) (floats.offset() + from), to, t0, width);
    }
  }
}
