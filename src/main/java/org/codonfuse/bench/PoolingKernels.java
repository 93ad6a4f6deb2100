package org.codonfuse.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.bench.Kernel.Rows;
import org.codonfuse.bench.Kernel.Size;
import org.codonfuse.bench.Kernel.Way;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/**
 * From the rows of tokens to the rows of codons, windows and sequences. Rows of 16 bits are widened
 * first, so that sums and results are float32. The bytes are those of the rows that take part, read
 * once, and of the result.
 */
final class PoolingKernels {
  /** Tokens of a sequence that becomes one row; in a padded batch, of the longest. */
  private static final int TOKENS = 80;

  private static final int SHORTEST = 60;

  /** A DNA sequence of 81 nucleotides: the special token, six-mers, and what is left over. */
  private static final int SIX_MERS = 13;

  private static final int LEFT_OVER = 3;
  private static final int DNA_TOKENS = 1 + SIX_MERS + LEFT_OVER;

  private static final int PROTEIN = 320;
  private static final int DNA = 512;
  private static final int RNA = 640;

  private final DType dtype;

  private PoolingKernels(DType dtype) {
    this.dtype = dtype;
  }

  static List<Kernel> of(Rows rows) {
    return Stream.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)
        .flatMap(dtype -> new PoolingKernels(dtype).kernels(rows))
        .toList();
  }

  private Stream<Kernel> kernels(Rows rows) {
    return Stream.of(
        Kernel.rows("codon-mean", dtype, rows, (b, n) -> groupMean(b, n, 3, RNA)),
        Kernel.rows("window-mean", dtype, rows, this::windowMean),
        Kernel.rows("mean-pooling", dtype, rows, (b, n) -> groupMean(b, n, TOKENS, PROTEIN)),
        Kernel.rows("max-pooling", dtype, rows, (b, n) -> masked(b, n, true)),
        Kernel.rows("masked-mean", dtype, rows, (b, n) -> masked(b, n, false)),
        Kernel.rows("cls", dtype, rows, this::first));
  }

  /** Every row the mean of as many that follow one another. */
  private Size groupMean(long bytes, int blocks, int group, int width) {
    int count = groups(bytes, group, width);
    Shape grouped = Shape.of(count, group, width);
    Segments segments = means(IntStream.range(0, count).map(_ -> group).toArray());
    return new Size(
        Shape.of((long) count * group, width),
        blocks,
        describe(grouped, Shape.of(count, width)),
        bytes(count * group, count, width),
        (backend, _) -> {
          List<Way> ways = new ArrayList<>();
          ways.add(new Way("segmentSum", (x, _) -> backend.segmentSum(wide(backend, x), segments)));
          ways.add(
              new Way(
                  "reshape + mean",
                  (x, _) -> backend.mean(backend.reshape(wide(backend, x), grouped), 1)));
          if (dtype != DType.FLOAT32) {
            ways.add(
                new Way(
                    "reshape + mean + cast",
                    (x, _) -> wide(backend, backend.mean(backend.reshape(x, grouped), 1))));
          }
          return ways;
        });
  }

  /** Every six-mer a window, the nucleotides left over another one. */
  private Size windowMean(long bytes, int blocks) {
    int count = groups(bytes, DNA_TOKENS, DNA);
    int windows = SIX_MERS + 1;
    int[] lengths = new int[count * windows];
    Arrays.fill(lengths, 1);
    for (int s = 0; s < count; s++) {
      lengths[s * windows + SIX_MERS] = LEFT_OVER;
    }
    Segments means = means(lengths);
    // One special token more before every sequence.
    int[] rows = means.rows();
    Arrays.setAll(rows, k -> rows[k] + k / (DNA_TOKENS - 1) + 1);
    Shape sequences = Shape.of(count, DNA_TOKENS, DNA);
    return new Size(
        Shape.of((long) count * DNA_TOKENS, DNA),
        blocks,
        describe(sequences, Shape.of(count, windows, DNA)),
        bytes(rows.length, lengths.length, DNA),
        (backend, _) ->
            List.of(
                new Way("segmentSum", (x, _) -> backend.segmentSum(wide(backend, x), means)),
                new Way(
                    "narrow + mean + concat",
                    (x, _) -> {
                      Tensor all = backend.reshape(wide(backend, x), sequences);
                      Tensor last = backend.narrow(all, 1, 1 + SIX_MERS, LEFT_OVER);
                      return backend.concat(
                          List.of(
                              backend.narrow(all, 1, 1, SIX_MERS),
                              backend.reshape(backend.mean(last, 1), Shape.of(count, 1, DNA))),
                          1);
                    })));
  }

  /** The maximum or the mean over the valid rows of a padded batch. */
  private Size masked(long bytes, int blocks, boolean maximum) {
    int count = groups(bytes, TOKENS, PROTEIN);
    int[] lengths =
        IntStream.range(0, count).map(s -> SHORTEST + s % (TOKENS - SHORTEST + 1)).toArray();
    Shape batch = Shape.of(count, TOKENS, PROTEIN);
    return new Size(
        batch,
        blocks,
        describe(batch, Shape.of(count, PROTEIN)),
        bytes(IntStream.of(lengths).sum(), count, PROTEIN),
        (backend, owner) -> {
          Mask mask = mask(backend, owner, lengths);
          return List.of(
              maximum
                  ? new Way("maskedMax", (x, _) -> backend.maskedMax(wide(backend, x), mask))
                  : new Way("maskedMean", (x, _) -> backend.maskedMean(wide(backend, x), mask)));
        });
  }

  private static Mask mask(Backend backend, Scope owner, int[] lengths) {
    Mask mask = backend.mask(lengths, TOKENS);
    owner.adopt(mask.valid());
    return mask;
  }

  /** One row a sequence, another one in every round: few rows would stay in the caches. */
  private Size first(long bytes, int blocks) {
    int count = groups(bytes, TOKENS, PROTEIN);
    List<int[]> rows =
        IntStream.range(0, TOKENS)
            .mapToObj(t -> IntStream.range(0, count).map(s -> s * TOKENS + t).toArray())
            .toList();
    int[] offsets = IntStream.rangeClosed(0, count).toArray();
    float[] weights = new float[count];
    Arrays.fill(weights, 1);
    List<Segments> segments =
        rows.stream().map(members -> new Segments(offsets, members, weights)).toList();
    return new Size(
        Shape.of((long) count * TOKENS, PROTEIN),
        blocks,
        describe(Shape.of(count, TOKENS, PROTEIN), Shape.of(count, PROTEIN)),
        bytes(count, count, PROTEIN),
        (backend, owner) -> {
          List<Tensor> ids =
              rows.stream().map(members -> owner.adopt(ids(backend, members))).toList();
          return List.of(
              new Way(
                  "segmentSum",
                  (x, round) -> backend.segmentSum(wide(backend, x), segments.get(round % TOKENS))),
              new Way(
                  "embedding",
                  (x, round) -> wide(backend, backend.embedding(x, ids.get(round % TOKENS)))));
        });
  }

  private static Tensor ids(Backend backend, int[] rows) {
    return backend.tensor(IntStream.of(rows).asLongStream().toArray(), Shape.of(rows.length));
  }

  private static Tensor wide(Backend backend, Tensor x) {
    return backend.cast(x, DType.FLOAT32);
  }

  /** How many groups of rows there are in so many bytes, at least one. */
  private int groups(long bytes, int rows, int width) {
    return Math.toIntExact(Math.max(1, bytes / ((long) rows * width * dtype.bytes())));
  }

  private double bytes(int read, int written, int width) {
    return (double) width * ((long) read * dtype.bytes() + (long) written * Float.BYTES);
  }

  /** The means of rows that follow one another, by how many. */
  private static Segments means(int[] lengths) {
    int[] offsets = new int[lengths.length + 1];
    Arrays.setAll(offsets, s -> s == 0 ? 0 : offsets[s - 1] + lengths[s - 1]);
    int[] rows = IntStream.range(0, offsets[lengths.length]).toArray();
    float[] weights = new float[rows.length];
    for (int s = 0; s < lengths.length; s++) {
      Arrays.fill(weights, offsets[s], offsets[s + 1], 1f / lengths[s]);
    }
    return new Segments(offsets, rows, weights);
  }

  private static String describe(Shape from, Shape to) {
    return from + " → " + to;
  }
}
