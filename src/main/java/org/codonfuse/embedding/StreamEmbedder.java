package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Tensor;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an encoder over sequences and keeps, for each, its rows at one granularity; special tokens
 * have none. A sequence's rows do not depend on what it is batched with.
 */
public final class StreamEmbedder {
  private static final Logger LOG = LoggerFactory.getLogger(StreamEmbedder.class);

  /** Enough rows for the matrix products to be efficient, few enough to stay in the caches. */
  private static final int TOKENS_PER_BATCH = 4096;

  /** Above this share of unknown tokens an embedding says little about its sequence. */
  private static final double SUSPICIOUS_UNKNOWN_SHARE = 0.5;

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
    private final List<CodingSequence> unique;
    private final List<Tokens> tokens;
    private final int[] index;

    private Prepared(List<CodingSequence> unique, List<Tokens> tokens, int[] index) {
      this.unique = unique;
      this.tokens = tokens;
      this.index = index;
    }

    /**
     * Embeds the sequences, equal ones once.
     *
     * @return for every sequence its [rows · width] values in row-major order; equal sequences
     *     share
     */
    public float[][] embed(Granularity granularity, Progress progress) {
      float[][] rows = embedUnique(unique, tokens, granularity, progress);
      return Arrays.stream(index).mapToObj(i -> rows[i]).toArray(float[][]::new);
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
    Molecule molecule = encoder.tokenizer().molecule();
    Map<String, Integer> distinct = new HashMap<>();
    List<CodingSequence> unique = new ArrayList<>();
    int[] index = new int[sequences.size()];
    for (int i = 0; i < index.length; i++) {
      CodingSequence sequence = sequences.get(i);
      index[i] = distinct.computeIfAbsent(sequence.rna(), _ -> unique.size());
      if (index[i] == unique.size()) {
        unique.add(sequence);
      }
    }
    List<Tokens> tokens = unique.stream().map(s -> tokenize(s, molecule)).toList();
    warnOfUnknown(unique, tokens);
    List<Tokens> all = Arrays.stream(index).mapToObj(tokens::get).toList();
    note(all.stream().mapToLong(Tokens::replaced).sum(), "ambiguous nucleotides are read as N");
    note(
        all.stream().mapToLong(Tokens::normalised).sum(),
        "letters are read in its case and alphabet");
    return new Prepared(unique, tokens, index);
  }

  private void note(long count, String what) {
    if (count > 0) {
      LOG.warn("{} {} by {}.", count, what, encoder.directory());
    }
  }

  private float[][] embedUnique(
      List<CodingSequence> sequences,
      List<Tokens> tokens,
      Granularity granularity,
      Progress progress) {
    String label = encoder.tokenizer().molecule().label();
    float[][] rows = new float[sequences.size()][];
    int[] order =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> tokens.get(i).length()).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    try (Progress.Task task = progress.start("Embedding " + label, rows.length)) {
      for (int from = 0; from < order.length; ) {
        int size = Math.max(1, TOKENS_PER_BATCH / tokens.get(order[from]).length());
        int[] members = Arrays.copyOfRange(order, from, Math.min(order.length, from + size));
        batch(members, sequences, tokens, granularity, rows);
        task.step(members.length);
        from += members.length;
      }
    }
    return rows;
  }

  private Tokens tokenize(CodingSequence sequence, Molecule molecule) {
    Tokens tokens = encoder.tokenizer().tokenize(sequence.as(molecule, code));
    if (tokens.length() > encoder.config().maxTokens()) {
      throw new CodonfuseException(
          "Sequence '"
              + sequence.id()
              + "' has "
              + tokens.length()
              + " "
              + molecule.label()
              + " tokens where "
              + encoder.directory()
              + " reads at most "
              + encoder.config().maxTokens()
              + "; remove it or use --max-length.");
    }
    return tokens;
  }

  private void batch(
      int[] members,
      List<CodingSequence> sequences,
      List<Tokens> tokens,
      Granularity granularity,
      float[][] rows) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tokens> batch = Arrays.stream(members).mapToObj(tokens::get).toList();
      Tensor hidden = encoder.forward(batch);
      int width = hidden.shape().intDim(1);
      int first = 0;
      List<Segments> segments = new ArrayList<>(members.length);
      for (int b = 0; b < members.length; b++) {
        int nucleotides = sequences.get(members[b]).length();
        segments.add(CodonAlignment.segments(granularity, batch.get(b), nucleotides, first));
        first += batch.get(b).length();
      }
      float[] values = backend.segmentSum(hidden, Segments.join(segments)).toFloats();
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new CodonfuseException(
              encoder.directory()
                  + ": its embeddings are not numbers; the weights are damaged: restore the"
                  + " published ones.");
        }
      }
      int from = 0;
      for (int b = 0; b < members.length; b++) {
        int to = from + segments.get(b).count() * width;
        rows[members[b]] = Arrays.copyOfRange(values, from, to);
        from = to;
      }
    }
  }

  private void warnOfUnknown(List<CodingSequence> sequences, List<Tokens> tokens) {
    int[] suspicious =
        IntStream.range(0, tokens.size())
            .filter(i -> tokens.get(i).unknownShare() > SUSPICIOUS_UNKNOWN_SHARE)
            .toArray();
    if (suspicious.length == 0) {
      return;
    }
    int first = suspicious[0];
    String text =
        "%d of %d sequences are mostly unknown tokens for %s (the first is '%s', %.0f %%); their"
                .formatted(
                    suspicious.length,
                    tokens.size(),
                    encoder.directory(),
                    sequences.get(first).id(),
                    100 * tokens.get(first).unknownShare())
            + " embeddings say little";
    if (strict) {
      throw new CodonfuseException(text + "; remove them or leave out --strict.");
    }
    LOG.warn("{}.", text);
  }
}
