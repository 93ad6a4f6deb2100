package org.codonfuse.compute.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Unary;

/**
 * Has the kernels compiled while weights are still being read: until C2 has compiled them, vectors
 * are objects and a product takes a thousand times as long. Once in a process, on a thread of its
 * own, for a fraction of a second.
 */
final class WarmUp {
  /** Enough for C2's thresholds with {@link #TERMS} steps each. */
  private static final int ROUNDS = 60;

  private static final int TERMS = 320;
  private static final int TOKENS = 29;
  private static final int HEAD = 16;

  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private final Workers workers = new Workers(1);
  private final Products products = new Products(workers);
  private final Attention attention = new Attention();
  private final float[] values = new float[3 * TOKENS * TERMS];
  private final float[] other = new float[values.length];

  private WarmUp() {}

  static void start() {
    if (!STARTED.getAndSet(true)) {
      Thread.ofPlatform().daemon().name("codonfuse-vector-warm-up").start(new WarmUp()::run);
    }
  }

  private void run() {
    int rows = 2 * Tiles.ROWS;
    int columns = 2 * Tiles.COLUMNS;
    PackedMatrix matrix =
        PackedMatrix.ofColumns(workers, new Buffers(), TERMS, columns, false, (_, to) -> to[0] = 1);
    Products.Left left = Products.Left.of(values, 0, rows, TERMS);
    Finish plain = Finish.rounded(DType.FLOAT32);
    Finish gelu = Finish.of(DType.FLOAT32, new Epilogue.Function(Unary.GELU));
    Attention.Angles angles = new Attention.Angles(values, 0, values, 0);
    for (int i = 0; i < ROUNDS; i++) {
      products.multiply(rows, left, matrix, new float[columns], other, 0, plain);
      products.multiply(rows, left, matrix, new float[columns], other, 0, gelu);
      Norms.layerNorm(values, 0, values, 0, values, 0, 1e-5, other, 0, TERMS);
      attention.attend(
          values, 0, TOKENS, values, 0, values, 0, 3 * TERMS, null, TOKENS, angles, 1, HEAD, other,
          0, TERMS);
    }
    workers.close();
  }
}
