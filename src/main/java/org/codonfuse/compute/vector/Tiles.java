package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of a matrix product: C[r, j] = init[r, j] + Σ over p of A[r, p] · B[p, j] for a
 * few rows and one panel of columns, the sums in registers from the first term to the last: five
 * rows by four vectors are 20 of the 32 registers that 512 bits come with, five by two are 10 of
 * 16. Six rows would be more work for every value read, but C2 then keeps a vector in memory, and
 * where that crosses a cache line, which depends on the caller's stack, everything takes twice as
 * long.
 *
 * <p>A tile of fewer than five rows computes its last row several times: what is stored twice is
 * the same.
 */
final class Tiles {
  /** Rows of a tile. */
  static final int ROWS = 5;

  /** Vectors side by side in a tile. */
  static final int VECTORS = LANES == 16 ? 4 : 2;

  /** Columns of a tile. */
  static final int COLUMNS = VECTORS * LANES;

  private Tiles() {}

  /**
   * A tile of {@link #COLUMNS} columns.
   *
   * @param k terms
   * @param a where A is
   * @param a0 to {@code a4} where the rows of A begin; beyond {@code rows} the last one's
   * @param b B, of which row p is at {@code b0 + p · ldb}
   * @param init what the sums begin with, row r at {@code i0 + r · ldi}: a bias ({@code ldi} 0) or
   *     what C has
   * @param c C, row r at {@code c0 + r · ldc}
   * @param rows how many there are, 1 to {@link #ROWS}
   */
  static void wide(
      int k,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int a4,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      int ldi,
      float[] c,
      int c0,
      int ldc,
      int rows) {
    if (VECTORS == 4) {
      rows5vectors4(k, a, a0, a1, a2, a3, a4, b, b0, ldb, init, i0, ldi, c, c0, ldc, rows);
    } else {
      rows5vectors2(k, a, a0, a1, a2, a3, a4, b, b0, ldb, init, i0, ldi, c, c0, ldc, rows);
    }
  }

  /** The same with {@code vectors} of 1, 2 or {@link #VECTORS} side by side. */
  static void narrow(
      int vectors,
      int k,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int a4,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      int ldi,
      float[] c,
      int c0,
      int ldc,
      int rows) {
    if (vectors == VECTORS) {
      wide(k, a, a0, a1, a2, a3, a4, b, b0, ldb, init, i0, ldi, c, c0, ldc, rows);
    } else if (vectors == 2) {
      rows5vectors2(k, a, a0, a1, a2, a3, a4, b, b0, ldb, init, i0, ldi, c, c0, ldc, rows);
    } else {
      rows5vectors1(k, a, a0, a1, a2, a3, a4, b, b0, ldb, init, i0, ldi, c, c0, ldc, rows);
    }
  }

  /** One row by {@link #COLUMNS} columns: for products whose speed is that of reading B. */
  static void single(
      int k,
      float[] a,
      int a0,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      float[] c,
      int c0) {
    if (VECTORS == 4) {
      rows1vectors4(k, a, a0, b, b0, ldb, init, i0, c, c0);
    } else {
      rows1vectors2(k, a, a0, b, b0, ldb, init, i0, c, c0);
    }
  }

  /** One row by {@link #COLUMNS} columns of bfloat16 numbers, widened in registers. */
  static void single(
      int k,
      float[] a,
      int a0,
      short[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      float[] c,
      int c0) {
    if (VECTORS == 4) {
      rows1vectors4Bfloat16(k, a, a0, b, b0, ldb, init, i0, c, c0);
    } else {
      rows1vectors2Bfloat16(k, a, a0, b, b0, ldb, init, i0, c, c0);
    }
  }

  private static void rows5vectors4(
      int k,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int a4,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      int ldi,
      float[] c,
      int c0,
      int ldc,
      int rows) {
    int i1 = i0 + Math.min(1, rows - 1) * ldi;
    int i2 = i0 + Math.min(2, rows - 1) * ldi;
    int i3 = i0 + Math.min(3, rows - 1) * ldi;
    int i4 = i0 + Math.min(4, rows - 1) * ldi;
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, i0 + LANES);
    FloatVector c02 = FloatVector.fromArray(FLOATS, init, i0 + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(FLOATS, init, i0 + 3 * LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, init, i1);
    FloatVector c11 = FloatVector.fromArray(FLOATS, init, i1 + LANES);
    FloatVector c12 = FloatVector.fromArray(FLOATS, init, i1 + 2 * LANES);
    FloatVector c13 = FloatVector.fromArray(FLOATS, init, i1 + 3 * LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, init, i2);
    FloatVector c21 = FloatVector.fromArray(FLOATS, init, i2 + LANES);
    FloatVector c22 = FloatVector.fromArray(FLOATS, init, i2 + 2 * LANES);
    FloatVector c23 = FloatVector.fromArray(FLOATS, init, i2 + 3 * LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, init, i3);
    FloatVector c31 = FloatVector.fromArray(FLOATS, init, i3 + LANES);
    FloatVector c32 = FloatVector.fromArray(FLOATS, init, i3 + 2 * LANES);
    FloatVector c33 = FloatVector.fromArray(FLOATS, init, i3 + 3 * LANES);
    FloatVector c40 = FloatVector.fromArray(FLOATS, init, i4);
    FloatVector c41 = FloatVector.fromArray(FLOATS, init, i4 + LANES);
    FloatVector c42 = FloatVector.fromArray(FLOATS, init, i4 + 2 * LANES);
    FloatVector c43 = FloatVector.fromArray(FLOATS, init, i4 + 3 * LANES);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = FloatVector.fromArray(FLOATS, b, at);
      FloatVector v1 = FloatVector.fromArray(FLOATS, b, at + LANES);
      FloatVector v2 = FloatVector.fromArray(FLOATS, b, at + 2 * LANES);
      FloatVector v3 = FloatVector.fromArray(FLOATS, b, at + 3 * LANES);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      c02 = x.fma(v2, c02);
      c03 = x.fma(v3, c03);
      x = FloatVector.broadcast(FLOATS, a[a1 + p]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      c12 = x.fma(v2, c12);
      c13 = x.fma(v3, c13);
      x = FloatVector.broadcast(FLOATS, a[a2 + p]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      c22 = x.fma(v2, c22);
      c23 = x.fma(v3, c23);
      x = FloatVector.broadcast(FLOATS, a[a3 + p]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      c32 = x.fma(v2, c32);
      c33 = x.fma(v3, c33);
      x = FloatVector.broadcast(FLOATS, a[a4 + p]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
      c42 = x.fma(v2, c42);
      c43 = x.fma(v3, c43);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c02.intoArray(c, c0 + 2 * LANES);
    c03.intoArray(c, c0 + 3 * LANES);
    int o1 = c0 + Math.min(1, rows - 1) * ldc;
    c10.intoArray(c, o1);
    c11.intoArray(c, o1 + LANES);
    c12.intoArray(c, o1 + 2 * LANES);
    c13.intoArray(c, o1 + 3 * LANES);
    int o2 = c0 + Math.min(2, rows - 1) * ldc;
    c20.intoArray(c, o2);
    c21.intoArray(c, o2 + LANES);
    c22.intoArray(c, o2 + 2 * LANES);
    c23.intoArray(c, o2 + 3 * LANES);
    int o3 = c0 + Math.min(3, rows - 1) * ldc;
    c30.intoArray(c, o3);
    c31.intoArray(c, o3 + LANES);
    c32.intoArray(c, o3 + 2 * LANES);
    c33.intoArray(c, o3 + 3 * LANES);
    int o4 = c0 + Math.min(4, rows - 1) * ldc;
    c40.intoArray(c, o4);
    c41.intoArray(c, o4 + LANES);
    c42.intoArray(c, o4 + 2 * LANES);
    c43.intoArray(c, o4 + 3 * LANES);
  }

  private static void rows5vectors2(
      int k,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int a4,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      int ldi,
      float[] c,
      int c0,
      int ldc,
      int rows) {
    int i1 = i0 + Math.min(1, rows - 1) * ldi;
    int i2 = i0 + Math.min(2, rows - 1) * ldi;
    int i3 = i0 + Math.min(3, rows - 1) * ldi;
    int i4 = i0 + Math.min(4, rows - 1) * ldi;
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, i0 + LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, init, i1);
    FloatVector c11 = FloatVector.fromArray(FLOATS, init, i1 + LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, init, i2);
    FloatVector c21 = FloatVector.fromArray(FLOATS, init, i2 + LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, init, i3);
    FloatVector c31 = FloatVector.fromArray(FLOATS, init, i3 + LANES);
    FloatVector c40 = FloatVector.fromArray(FLOATS, init, i4);
    FloatVector c41 = FloatVector.fromArray(FLOATS, init, i4 + LANES);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = FloatVector.fromArray(FLOATS, b, at);
      FloatVector v1 = FloatVector.fromArray(FLOATS, b, at + LANES);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(FLOATS, a[a1 + p]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(FLOATS, a[a2 + p]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(FLOATS, a[a3 + p]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      x = FloatVector.broadcast(FLOATS, a[a4 + p]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    int o1 = c0 + Math.min(1, rows - 1) * ldc;
    c10.intoArray(c, o1);
    c11.intoArray(c, o1 + LANES);
    int o2 = c0 + Math.min(2, rows - 1) * ldc;
    c20.intoArray(c, o2);
    c21.intoArray(c, o2 + LANES);
    int o3 = c0 + Math.min(3, rows - 1) * ldc;
    c30.intoArray(c, o3);
    c31.intoArray(c, o3 + LANES);
    int o4 = c0 + Math.min(4, rows - 1) * ldc;
    c40.intoArray(c, o4);
    c41.intoArray(c, o4 + LANES);
  }

  private static void rows5vectors1(
      int k,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int a4,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      int ldi,
      float[] c,
      int c0,
      int ldc,
      int rows) {
    int i1 = i0 + Math.min(1, rows - 1) * ldi;
    int i2 = i0 + Math.min(2, rows - 1) * ldi;
    int i3 = i0 + Math.min(3, rows - 1) * ldi;
    int i4 = i0 + Math.min(4, rows - 1) * ldi;
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c10 = FloatVector.fromArray(FLOATS, init, i1);
    FloatVector c20 = FloatVector.fromArray(FLOATS, init, i2);
    FloatVector c30 = FloatVector.fromArray(FLOATS, init, i3);
    FloatVector c40 = FloatVector.fromArray(FLOATS, init, i4);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = FloatVector.fromArray(FLOATS, b, at);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      x = FloatVector.broadcast(FLOATS, a[a1 + p]);
      c10 = x.fma(v0, c10);
      x = FloatVector.broadcast(FLOATS, a[a2 + p]);
      c20 = x.fma(v0, c20);
      x = FloatVector.broadcast(FLOATS, a[a3 + p]);
      c30 = x.fma(v0, c30);
      x = FloatVector.broadcast(FLOATS, a[a4 + p]);
      c40 = x.fma(v0, c40);
    }
    c00.intoArray(c, c0);
    int o1 = c0 + Math.min(1, rows - 1) * ldc;
    c10.intoArray(c, o1);
    int o2 = c0 + Math.min(2, rows - 1) * ldc;
    c20.intoArray(c, o2);
    int o3 = c0 + Math.min(3, rows - 1) * ldc;
    c30.intoArray(c, o3);
    int o4 = c0 + Math.min(4, rows - 1) * ldc;
    c40.intoArray(c, o4);
  }

  private static void rows1vectors4(
      int k,
      float[] a,
      int a0,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      float[] c,
      int c0) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, i0 + LANES);
    FloatVector c02 = FloatVector.fromArray(FLOATS, init, i0 + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(FLOATS, init, i0 + 3 * LANES);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = FloatVector.fromArray(FLOATS, b, at);
      FloatVector v1 = FloatVector.fromArray(FLOATS, b, at + LANES);
      FloatVector v2 = FloatVector.fromArray(FLOATS, b, at + 2 * LANES);
      FloatVector v3 = FloatVector.fromArray(FLOATS, b, at + 3 * LANES);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      c02 = x.fma(v2, c02);
      c03 = x.fma(v3, c03);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c02.intoArray(c, c0 + 2 * LANES);
    c03.intoArray(c, c0 + 3 * LANES);
  }

  private static void rows1vectors2(
      int k,
      float[] a,
      int a0,
      float[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      float[] c,
      int c0) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, i0 + LANES);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = FloatVector.fromArray(FLOATS, b, at);
      FloatVector v1 = FloatVector.fromArray(FLOATS, b, at + LANES);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
  }

  private static void rows1vectors4Bfloat16(
      int k,
      float[] a,
      int a0,
      short[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      float[] c,
      int c0) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, i0 + LANES);
    FloatVector c02 = FloatVector.fromArray(FLOATS, init, i0 + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(FLOATS, init, i0 + 3 * LANES);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = Lanes.bfloat16(b, at);
      FloatVector v1 = Lanes.bfloat16(b, at + LANES);
      FloatVector v2 = Lanes.bfloat16(b, at + 2 * LANES);
      FloatVector v3 = Lanes.bfloat16(b, at + 3 * LANES);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      c02 = x.fma(v2, c02);
      c03 = x.fma(v3, c03);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c02.intoArray(c, c0 + 2 * LANES);
    c03.intoArray(c, c0 + 3 * LANES);
  }

  private static void rows1vectors2Bfloat16(
      int k,
      float[] a,
      int a0,
      short[] b,
      int b0,
      int ldb,
      float[] init,
      int i0,
      float[] c,
      int c0) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, i0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, i0 + LANES);
    for (int p = 0; p < k; p++) {
      int at = b0 + p * ldb;
      FloatVector v0 = Lanes.bfloat16(b, at);
      FloatVector v1 = Lanes.bfloat16(b, at + LANES);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
  }
}
