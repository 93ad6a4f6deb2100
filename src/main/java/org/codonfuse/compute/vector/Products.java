package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.LANES;
import static org.codonfuse.compute.vector.Tiles.COLUMNS;
import static org.codonfuse.compute.vector.Tiles.ROWS;

/**
 * Matrix products C [m, n] = A [m, k] · B [k, n] with B packed. Work is divided into blocks of rows
 * by groups of panels; a block's rows of A, a panel of B and the tile of C are read from the caches
 * of one core.
 */
final class Products {
  /** Rows of a block: with {@link #TERMS} they take a quarter of a second-level cache of 1 MiB. */
  private static final int BLOCK = 20 * ROWS;

  /** Rows of a block where B is large and every block reads it from further away. */
  private static final int LARGE_BLOCK = 38 * ROWS;

  /** Values of a large B: 4 MiB. */
  private static final long LARGE = 1 << 20;

  /** Terms that are summed before the next panel of B: longer ones would leave the caches. */
  private static final int TERMS = 640;

  /** Values of the panels that a block of rows goes through together: 448 KiB. */
  private static final int NEAR = 7 << 14;

  /** Parts for each thread, so that the last ones end at about the same time. */
  private static final int PARTS = 48;

  /** Below, a product takes less time than waking others. */
  private static final long SMALL = 1 << 18;

  /**
   * Rows of A as they lie in an array: groups of {@code group} rows that are {@code stride} apart.
   *
   * @param group rows of a group
   * @param groupStride from the first row of a group to that of the next
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Left(float[] array, int offset, int stride, int group, int groupStride) {
    /** Rows one after the other. */
    static Left of(float[] array, int offset, int rows, int k) {
      return new Left(array, offset, k, Math.max(1, rows), 0);
    }

    int row(int i) {
      return i < group
          ? offset + i * stride
          : offset + i / group * groupStride + i % group * stride;
    }
  }

  /** What a thread needs while it works on a tile. */
  private static final class Scratch {
    final float[] tile = new float[ROWS * COLUMNS];
    final float[] spare = new float[ROWS * COLUMNS];
    private float[] panels = new float[0];

    /** Room for panels that are widened. */
    float[] panels(int n) {
      if (panels.length < n) {
        panels = new float[n];
      }
      return panels;
    }
  }

  private final Workers workers;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  Products(Workers workers) {
    this.workers = workers;
  }

  /**
   * One product.
   *
   * @param m rows of the left side
   * @param bias what the sums begin with, [n] rounded up to whole panels
   * @param c the result, row-major from {@code c0} on
   */
  void multiply(int m, Left a, PackedMatrix b, float[] bias, float[] c, int c0, Finish finish) {
    if (m == 0 || b.n == 0) {
      return;
    }
    int panels = PackedMatrix.panels(b.n);
    boolean parallel = workers.count() > 1 && (long) m * b.n * b.k > SMALL;
    int block = (long) b.n * b.k > LARGE ? LARGE_BLOCK : BLOCK;
    int blocks = (m + block - 1) / block;
    int wanted = parallel ? Math.max(1, PARTS * workers.count() / blocks) : 1;
    int group = Math.max(1, panels / Math.min(wanted, panels));
    int groups = (panels + group - 1) / group;
    int parts = blocks * groups;
    // The larger side is read once, the other one again and again.
    boolean byGroup = b.n > m;
    Part part = new Part(m, block, a, b, bias, c, c0, finish);
    Workers.Task task =
        i -> {
          int row = (byGroup ? i % blocks : i / groups) * block;
          int panel = (byGroup ? i / blocks : i % groups) * group;
          part.compute(row, panel, group, panels, scratch.get());
        };
    if (parallel) {
      workers.run(parts, task);
    } else {
      for (int i = 0; i < parts; i++) {
        task.run(i);
      }
    }
  }

  /** The operands of a product, of which it computes parts. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Part(
      int m, int block, Left a, PackedMatrix b, float[] bias, float[] c, int c0, Finish finish) {
    void compute(int row, int panel, int count, int panels, Scratch scratch) {
      int rowEnd = Math.min(m, row + block);
      int panelEnd = Math.min(panels, panel + count);
      int full = Math.min(panelEnd, b.n / COLUMNS);
      if (rowEnd - row <= 2) {
        for (int i = row; i < rowEnd; i++) {
          singleRow(i, panel, panelEnd, scratch);
        }
        return;
      }
      int pieces = Math.max(1, (b.k + TERMS - 1) / TERMS);
      int terms = (b.k + pieces - 1) / pieces;
      int near = Math.max(1, NEAR / Math.max(1, terms * COLUMNS));
      for (int j = panel; j < full; j += near) {
        int end = Math.min(full, j + near);
        for (int p = 0; p < Math.max(1, b.k); p += Math.max(1, terms)) {
          panels(row, rowEnd, j, end, p, Math.min(terms, b.k - p), scratch);
        }
      }
      if (full < panelEnd) {
        lastColumns(row, rowEnd, full, terms, scratch);
      }
    }

    /** Some terms of some panels, which are read again for every tile of rows. */
    private void panels(int row, int rowEnd, int first, int end, int p, int k, Scratch scratch) {
      boolean last = p + k == b.k;
      float[] right = terms(first, end, p, k, scratch);
      int b0 = b.halves != null ? 0 : (first * b.k + p) * COLUMNS;
      int stride = (b.halves != null ? k : b.k) * COLUMNS;
      int n = b.n;
      for (int i = row; i < rowEnd; i += ROWS) {
        int rows = Math.min(ROWS, rowEnd - i);
        for (int j = first; j < end; j++) {
          int at = i * n + j * COLUMNS;
          int from = b0 + (j - first) * stride;
          float[] init = p == 0 ? bias : c;
          int i0 = p == 0 ? j * COLUMNS : c0 + at;
          int ldi = p == 0 ? 0 : n;
          if (last && !finish.isNothing()) {
            float[] tile = scratch.tile;
            tile(i, rows, p, k, right, from, init, i0, ldi, tile, 0, COLUMNS);
            finish.store(tile, scratch.spare, c, c0 + at, n, at, rows, COLUMNS);
          } else {
            tile(i, rows, p, k, right, from, init, i0, ldi, c, c0 + at, n);
          }
        }
      }
    }

    /** A panel of fewer columns than a tile has. */
    private void lastColumns(int row, int rowEnd, int panel, int terms, Scratch scratch) {
      int columns = b.n - panel * COLUMNS;
      float[] tile = scratch.tile;
      for (int i = row; i < rowEnd; i += ROWS) {
        int rows = Math.min(ROWS, rowEnd - i);
        for (int p = 0; p < Math.max(1, b.k); p += Math.max(1, terms)) {
          int k = Math.min(terms, b.k - p);
          float[] panels = terms(panel, panel + 1, p, k, scratch);
          int b0 = b.halves != null ? 0 : (panel * b.k + p) * COLUMNS;
          if (p == 0) {
            tile(i, rows, p, k, panels, b0, bias, panel * COLUMNS, 0, tile, 0, COLUMNS);
          } else {
            tile(i, rows, p, k, panels, b0, tile, 0, COLUMNS, tile, 0, COLUMNS);
          }
        }
        int at = i * b.n + panel * COLUMNS;
        finish.store(tile, scratch.spare, c, c0 + at, b.n, at, rows, columns);
      }
    }

    private void tile(
        int i,
        int rows,
        int p,
        int k,
        float[] panels,
        int b0,
        float[] init,
        int i0,
        int ldi,
        float[] to,
        int t0,
        int ldt) {
      int end = i + rows - 1;
      Tiles.wide(
          k,
          a.array,
          a.row(i) + p,
          a.row(Math.min(i + 1, end)) + p,
          a.row(Math.min(i + 2, end)) + p,
          a.row(Math.min(i + 3, end)) + p,
          a.row(Math.min(i + 4, end)) + p,
          panels,
          b0,
          COLUMNS,
          init,
          i0,
          ldi,
          to,
          t0,
          ldt,
          rows);
    }

    /** The panels as floats: as they are, or some terms of some of them widened. */
    private float[] terms(int first, int end, int p, int k, Scratch scratch) {
      if (b.halves == null) {
        return b.floats;
      }
      float[] wide = scratch.panels((end - first) * k * COLUMNS);
      for (int j = first; j < end; j++) {
        int from = (j * b.k + p) * COLUMNS;
        int to = (j - first) * k * COLUMNS;
        for (int i = 0; i < k * COLUMNS; i += LANES) {
          Lanes.bfloat16(b.halves, from + i).intoArray(wide, to + i);
        }
      }
      return wide;
    }

    /** One row: every value of B is used once, and how fast it is read decides. */
    private void singleRow(int i, int panel, int panelEnd, Scratch scratch) {
      for (int j = panel; j < panelEnd; j++) {
        int columns = Math.min(COLUMNS, b.n - j * COLUMNS);
        int at = i * b.n + j * COLUMNS;
        int b0 = j * b.k * COLUMNS;
        float[] tile = scratch.tile;
        if (b.halves != null) {
          Tiles.single(b.k, a.array, a.row(i), b.halves, b0, COLUMNS, bias, j * COLUMNS, tile, 0);
        } else {
          Tiles.single(b.k, a.array, a.row(i), b.floats, b0, COLUMNS, bias, j * COLUMNS, tile, 0);
        }
        finish.store(tile, scratch.spare, c, c0 + at, b.n, at, 1, columns);
      }
    }
  }
}
