package org.codonfuse.embedding;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;

/** Embeds sequences into memory: {@link EmbeddingJob} without a store. */
public final class StreamEmbedder {
  private final Backend backend;
  private final Encoder encoder;
  private final GeneticCode code;
  private final boolean strict;

  /**
   * @param backend computes
   * @param encoder whose vocabulary says which molecule it reads
   * @param code translates for protein encoders
   * @param strict whether a sequence of mostly unknown tokens is an error rather than a warning
   */
  public StreamEmbedder(Backend backend, Encoder encoder, GeneticCode code, boolean strict) {
    this.backend = backend;
    this.encoder = encoder;
    this.code = code;
    this.strict = strict;
  }

  /** Sequences that were tokenized and checked, and can be embedded. */
  public final class Prepared {
    private final List<EmbeddingInput> inputs;

    private Prepared(List<EmbeddingInput> inputs) {
      this.inputs = inputs;
    }

    /**
     * Embeds the sequences, equal ones once.
     *
     * @return for every sequence its [rows · width] values in row-major order; equal sequences
     *     share
     */
    public float[][] embed(Granularity granularity, Progress progress) {
      Embedder embedder = new Embedder(backend, encoder, settings(granularity));
      return embedAll(
          embedder, new PreparedInputs(encoder, settings(granularity), inputs), progress);
    }
  }

  /** Prepares and embeds, see {@link #prepare} and {@link Prepared#embed}. */
  public float[][] embed(
      List<CodingSequence> sequences, Granularity granularity, Progress progress) {
    return prepare(sequences).embed(granularity, progress);
  }

  /**
   * Tokenizes sequences and says in the log what the encoder does not know of them.
   *
   * @throws CodonfuseException if a sequence is longer than the encoder reads, or where strict if
   *     one is mostly unknown tokens
   */
  public Prepared prepare(List<CodingSequence> sequences) {
    List<EmbeddingInput> inputs =
        EmbeddingInputs.of(encoder.tokenizer().molecule(), sequences, code).sequences();
    PreparedInputs.of(encoder, settings(Granularity.TOKEN), inputs);
    return new Prepared(inputs);
  }

  private EmbeddingSettings settings(Granularity granularity) {
    Pooling pooling =
        switch (granularity) {
          case TOKEN -> Pooling.NONE;
          case CODON -> Pooling.CODON;
          case WINDOW -> Pooling.WINDOW;
        };
    return EmbeddingSettings.of(pooling).withLongSequences(LongPolicy.ERROR).withStrict(strict);
  }

  private float[][] embedAll(Embedder embedder, PreparedInputs inputs, Progress progress) {
    String label = encoder.tokenizer().molecule().label();
    float[][] rows = new float[inputs.unique().size()][];
    int[] order =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted(Comparator.comparingInt(inputs::tokens).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    try (Progress.Task task = progress.start("Embedding " + label, rows.length)) {
      embedder.embed(
          inputs,
          order,
          batch -> {
            int from = 0;
            for (int i = 0; i < batch.members().length; i++) {
              int to = from + batch.rows()[i] * batch.width();
              rows[batch.members()[i]] = Arrays.copyOfRange(batch.values(), from, to);
              from = to;
            }
            task.step(batch.members().length);
          });
    }
    return Arrays.stream(inputs.index()).mapToObj(i -> rows[i]).toArray(float[][]::new);
  }
}
