package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Tiles.COLUMNS;

import java.util.Arrays;
import org.codonfuse.compute.Bfloat16;

/**
 * The right side B [k, n] of products in panels of {@link Tiles#COLUMNS} columns: the values of row
 * p of a panel lie side by side, then those of row p + 1; columns beyond n are zero. Immutable once
 * it is filled.
 */
final class PackedMatrix {
  /** Terms of a sum. */
  final int k;

  /** Columns. */
  final int n;

  /** The panels, or null where they are {@link #halves}. */
  final float[] floats;

  /** The panels of a matrix of bfloat16, or null. */
  final short[] halves;

  private PackedMatrix(int k, int n, float[] floats, short[] halves) {
    this.k = k;
    this.n = n;
    this.floats = floats;
    this.halves = halves;
  }

  /** Where rows or columns of a matrix come from. */
  interface Source {
    /** Copies row or column {@code index} to the beginning of an array. */
    void read(int index, float[] to);
  }

  static int panels(int n) {
    return (n + COLUMNS - 1) / COLUMNS;
  }

  /** Floats that the panels of a matrix take. */
  static int size(int k, int n) {
    return Math.multiplyExact(Math.multiplyExact(panels(n), COLUMNS), k);
  }

  /** Panels in an array that is at least {@link #size} long, filled by {@link #fillByRows}. */
  static PackedMatrix in(float[] array, int k, int n) {
    return new PackedMatrix(k, n, array, null);
  }

  /**
   * Packs B given by its columns, which for a weight [n, k] are its rows.
   *
   * @param bfloat16 whether all values are bfloat16 numbers, which then take half the space
   */
  static PackedMatrix ofColumns(
      Workers workers, Buffers buffers, int k, int n, boolean bfloat16, Source columns) {
    int size = size(k, n);
    PackedMatrix packed =
        bfloat16
            ? new PackedMatrix(k, n, null, buffers.allocate(size, Short.BYTES, short[]::new))
            : new PackedMatrix(k, n, buffers.allocate(size, Float.BYTES, float[]::new), null);
    workers.run(panels(n), panel -> packed.fillPanel(panel, columns));
    return packed;
  }

  private void fillPanel(int panel, Source columns) {
    float[] column = new float[k];
    int first = panel * COLUMNS;
    for (int j = first; j < Math.min(n, first + COLUMNS); j++) {
      columns.read(j, column);
      int to = first * k + (j - first);
      if (halves != null) {
        for (int p = 0; p < k; p++) {
          halves[to + p * COLUMNS] = Bfloat16.of(column[p]);
        }
      } else {
        for (int p = 0; p < k; p++) {
          floats[to + p * COLUMNS] = column[p];
        }
      }
    }
  }

  /** Fills the panels from B in row-major order. */
  void fillByRows(Workers workers, float[] b, int b0) {
    workers.run(
        panels(n),
        panel -> {
          int first = panel * COLUMNS;
          int columns = Math.min(COLUMNS, n - first);
          for (int p = 0; p < k; p++) {
            int to = first * k + p * COLUMNS;
            System.arraycopy(b, b0 + p * n + first, floats, to, columns);
            Arrays.fill(floats, to + columns, to + COLUMNS, 0);
          }
        });
  }
}
