package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Segments;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.token.Tokens;

/**
 * Sequences for an encoder that is being trained, whose hidden states change with every step: the
 * same rows that {@link MemoryEmbeddings} would have, to be computed in the step. May be read by
 * several threads at once.
 */
public final class EncoderInputs {
  private final PreparedInputs inputs;
  private final Pooling pooling;

  private EncoderInputs(PreparedInputs inputs, Pooling pooling) {
    this.inputs = inputs;
    this.pooling = pooling;
  }

  /**
   * Checks sequences against an encoder.
   *
   * @param settings the pooling, and what becomes of sequences that are long or mostly unknown
   * @throws CodonfuseException if a sequence cannot be embedded
   */
  public static EncoderInputs of(
      TrainableEncoder encoder, EmbeddingInputs inputs, EmbeddingSettings settings) {
    return new EncoderInputs(
        PreparedInputs.of(EncoderReading.of(encoder), settings, inputs.sequences()),
        settings.pooling());
  }

  /** Nucleotides of a sequence that its rows cover. */
  public int nucleotides(int sequence) {
    return inputs.input(inputs.index()[sequence]).nucleotides();
  }

  /** Number of rows of a sequence. */
  public int rows(int sequence) {
    return inputs.rows(inputs.index()[sequence]);
  }

  /** Tokens that the encoder reads for a sequence. */
  public int tokens(int sequence) {
    return inputs.tokens(inputs.index()[sequence]);
  }

  /** Some sequences as one batch. */
  public PackedTokens gather(int[] sequences) {
    int[] lengths = Arrays.stream(sequences).map(this::rows).toArray();
    int longest = Arrays.stream(lengths).max().orElse(0);
    List<Tokens> read = new ArrayList<>();
    Map<Integer, Segments> known = new HashMap<>();
    List<Segments> rows = new ArrayList<>();
    int next = 0;
    for (int m = 0; m < sequences.length; m++) {
      int number = inputs.index()[sequences[m]];
      Segments own = known.get(number);
      if (own == null) {
        EncoderInput input = inputs.input(number);
        own = Pooler.segments(pooling, input, next);
        known.put(number, own);
        read.addAll(input.windows());
        next += input.read();
      }
      rows.add(own);
      rows.add(empty(longest - lengths[m]));
    }
    return new PackedTokens(read, Segments.join(rows), longest, lengths);
  }

  private static Segments empty(int count) {
    return new Segments(new int[count + 1], new int[0], new float[0]);
  }
}
