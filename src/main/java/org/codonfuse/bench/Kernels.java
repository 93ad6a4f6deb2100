package org.codonfuse.bench;

import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.bench.Kernel.Rows;

/** The kernels that are measured. */
public final class Kernels {
  /** Bytes of rows for backends that are too slow for many. */
  private static final long SMALL = 4L << 20;

  private Kernels() {}

  /**
   * All of them, those that memory bounds first.
   *
   * @param bytes of the rows that these read; more than the caches hold, for their speed to be that
   *     of memory
   * @param block bytes of the rows that one call reads
   */
  public static List<Kernel> all(long bytes, long block) {
    int blocks = Math.toIntExact(Math.max(1, bytes / block));
    Rows rows = new Rows(Math.min(bytes, block), blocks, Math.min(Math.min(bytes, block), SMALL));
    return Stream.of(PoolingKernels.of(rows), ElementKernels.of(rows), ProductKernels.all())
        .flatMap(List::stream)
        .toList();
  }
}
