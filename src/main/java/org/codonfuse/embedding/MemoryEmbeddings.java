package org.codonfuse.embedding;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.Progress;

/**
 * Embeddings that are wanted once and kept nowhere, such as those of variants of a sequence: the
 * same numbers that a store would have. Equal sequences are computed and held once. May be read by
 * several threads at once.
 */
public final class MemoryEmbeddings {
  private final PreparedInputs inputs;
  private final int[] nucleotides;
  private final float[][] rows;

  private MemoryEmbeddings(PreparedInputs inputs) {
    this.inputs = inputs;
    this.nucleotides = new int[inputs.unique().size()];
    this.rows = new float[nucleotides.length][];
  }

  /**
   * Computes.
   *
   * @param settings of the whole input, not of a share of it
   * @throws CodonfuseException if a sequence cannot be embedded
   */
  public static MemoryEmbeddings compute(
      Backend backend,
      Encoder encoder,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Progress progress) {
    Embedder embedder = new Embedder(backend, encoder, settings);
    PreparedInputs prepared = embedder.prepare(inputs.sequences());
    MemoryEmbeddings embeddings = new MemoryEmbeddings(prepared);
    int[] longestFirst =
        IntStream.range(0, prepared.unique().size())
            .boxed()
            .sorted(Comparator.comparingInt(prepared::tokens).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    long tokens = IntStream.of(longestFirst).mapToLong(prepared::tokens).sum();
    String name = "Embedding " + inputs.molecule().label() + " tokens";
    try (Progress.Task task = progress.start(name, tokens);
        BatchesAhead ahead = embedder.ahead(prepared);
        Background background = new Background("codonfuse-rows", 1)) {
      embedder.embed(
          prepared,
          ahead,
          longestFirst,
          new int[0],
          background.line(),
          batch -> {
            embeddings.take(batch);
            task.step(IntStream.of(batch.members()).mapToLong(prepared::tokens).sum());
          });
      background.await();
    }
    return embeddings;
  }

  private void take(EmbeddedRows batch) {
    float[] values = batch.toFloats(inputs.unique());
    int from = 0;
    for (int b = 0; b < batch.members().length; b++) {
      int member = batch.members()[b];
      int length = batch.rows()[b] * batch.width();
      rows[member] = Arrays.copyOfRange(values, from, from + length);
      nucleotides[member] = inputs.input(member).nucleotides();
      from += length;
    }
  }

  /** Nucleotides of a sequence that its rows cover. */
  public int nucleotides(int sequence) {
    return nucleotides[inputs.index()[sequence]];
  }

  /** Number of rows of a sequence. */
  public int rows(int sequence) {
    return inputs.rows(inputs.index()[sequence]);
  }

  /**
   * Copies the rows of a sequence.
   *
   * @param target receives [rows, width] in row-major order
   * @param offset where in the target the first value goes
   */
  public void read(int sequence, float[] target, int offset) {
    float[] values = rows[inputs.index()[sequence]];
    System.arraycopy(values, 0, target, offset, values.length);
  }
}
