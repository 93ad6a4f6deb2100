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
  /** Rows of a block: with {@link #TERMS} they take half of a second-level cache of 1 MiB. */
  private static final int BLOCK = 38 * ROWS;

  /** Terms that are summed before the next panel of B: longer ones would leave the caches. */
  private static final int TERMS = 640;

  /** Parts for each thread, so that the last ones end at about the same time. */
  private static final int PARTS = 12;

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
    final float[] panel = new float[TERMS * COLUMNS];
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
    int blocks = (m + BLOCK - 1) / BLOCK;
    int wanted = parallel ? Math.max(1, PARTS * workers.count() / blocks) : 1;
    int group = Math.max(1, panels / Math.min(wanted, panels));
    int groups = (panels + group - 1) / group;
    int parts = blocks * groups;
    Part part = new Part(m, a, b, bias, c, c0, finish);
    if (!parallel || parts == 1) {
      for (int i = 0; i < parts; i++) {
        part.compute(i / groups * BLOCK, i % groups * group, group, panels, scratch.get());
      }
      return;
    }
    workers.run(
        parts,
        i -> part.compute(i / groups * BLOCK, i % groups * group, group, panels, scratch.get()));
  }

  /** The operands of a product, of which it computes parts. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Part(
      int m, Left a, PackedMatrix b, float[] bias, float[] c, int c0, Finish finish) {
    void compute(int row, int panel, int count, int panels, Scratch scratch) {
      int rowEnd = Math.min(m, row + BLOCK);
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
      for (int p = 0; p < Math.max(1, b.k); p += Math.max(1, terms)) {
        int k = Math.min(terms, b.k - p);
        boolean last = p + k == b.k;
        for (int j = panel; j < full; j++) {
          columns(row, rowEnd, j, p, k, last, scratch);
        }
      }
      if (full < panelEnd) {
        lastColumns(row, rowEnd, full, terms, scratch);
      }
    }

    /** Some terms of a panel's columns. */
    private void columns(
        int row, int rowEnd, int panel, int p, int k, boolean last, Scratch scratch) {
      float[] panels = terms(panel, p, k, scratch);
      int b0 = b.halves != null ? 0 : (panel * b.k + p) * COLUMNS;
      int n = b.n;
      for (int i = row; i < rowEnd; i += ROWS) {
        int rows = Math.min(ROWS, rowEnd - i);
        int to = c0 + i * n + panel * COLUMNS;
        if (p == 0) {
          tile(i, rows, p, k, panels, b0, bias, panel * COLUMNS, 0, c, to, n);
        } else {
          tile(i, rows, p, k, panels, b0, c, to, n, c, to, n);
        }
        if (last) {
          finish.apply(c, to, n, i * n + panel * COLUMNS, rows, COLUMNS);
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
          float[] panels = terms(panel, p, k, scratch);
          int b0 = b.halves != null ? 0 : (panel * b.k + p) * COLUMNS;
          if (p == 0) {
            tile(i, rows, p, k, panels, b0, bias, panel * COLUMNS, 0, tile, 0, COLUMNS);
          } else {
            tile(i, rows, p, k, panels, b0, tile, 0, COLUMNS, tile, 0, COLUMNS);
          }
        }
        int at = i * b.n + panel * COLUMNS;
        for (int r = 0; r < rows; r++) {
          System.arraycopy(tile, r * COLUMNS, c, c0 + at + r * b.n, columns);
        }
        finish.apply(c, c0 + at, b.n, at, rows, columns);
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

    /** The panels as floats: as they are, or some terms of one widened at the array's beginning. */
    private float[] terms(int panel, int p, int k, Scratch scratch) {
      if (b.halves == null) {
        return b.floats;
      }
      int from = (panel * b.k + p) * COLUMNS;
      for (int i = 0; i < k * COLUMNS; i += LANES) {
        Lanes.bfloat16(b.halves, from + i).intoArray(scratch.panel, i);
      }
      return scratch.panel;
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
        System.arraycopy(tile, 0, c, c0 + at, columns);
        finish.apply(c, c0 + at, b.n, at, 1, columns);
      }
    }
  }
}
