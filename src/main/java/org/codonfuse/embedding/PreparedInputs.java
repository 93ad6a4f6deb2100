package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.token.Tokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sequences that were checked against an encoder, each different one once. Holds their letters and
 * some numbers, no tokens: those are made again for each batch.
 */
final class PreparedInputs {
  private static final Logger LOG = LoggerFactory.getLogger(PreparedInputs.class);

  /** Above this share of unknown tokens an embedding says little about its sequence. */
  private static final double SUSPICIOUS_UNKNOWN_SHARE = 0.5;

  private final EncoderReading encoder;
  private final EmbeddingSettings settings;
  private final List<EmbeddingInput> unique = new ArrayList<>();
  private final int[] index;
  private final int[] tokens;
  private final int[] rows;
  private final int[] longestWindow;
  private final int[] replaced;
  private final int[] normalised;

  // What is said of the sequences.
  private final List<Integer> tooLong = new ArrayList<>();
  private final List<Integer> suspicious = new ArrayList<>();
  private double firstSuspiciousShare;

  /** Without checks and without a word. */
  PreparedInputs(EncoderReading encoder, EmbeddingSettings settings, List<EmbeddingInput> inputs) {
    this.encoder = encoder;
    this.settings = settings;
    this.index = new int[inputs.size()];
    Map<String, Integer> distinct = new HashMap<>();
    for (int i = 0; i < index.length; i++) {
      EmbeddingInput input = inputs.get(i);
      index[i] = distinct.computeIfAbsent(input.letters(), _ -> unique.size());
      if (index[i] == unique.size()) {
        unique.add(input);
      }
    }
    this.tokens = new int[unique.size()];
    this.rows = new int[unique.size()];
    this.longestWindow = new int[unique.size()];
    this.replaced = new int[unique.size()];
    this.normalised = new int[unique.size()];
    IntStream.range(0, tokens.length).forEach(this::measure);
  }

  /**
   * Tokenizes sequences and says in the log what the encoder does not know of them.
   *
   * @throws CodonfuseException if a sequence is longer than the encoder reads and the settings
   *     refuse such, if one has nothing to pool, or where strict if one is mostly unknown tokens
   */
  static PreparedInputs of(
      EncoderReading encoder, EmbeddingSettings settings, List<EmbeddingInput> inputs) {
    PreparedInputs prepared = new PreparedInputs(encoder, settings, inputs);
    prepared.refuseTooLong();
    prepared.warnOfUnknown();
    prepared.note(prepared.replaced, "ambiguous nucleotides are read as N");
    prepared.note(prepared.normalised, "letters are read in its case and alphabet");
    return prepared;
  }

  /** The different sequences, in the order of their first occurrence. */
  List<EmbeddingInput> unique() {
    return unique;
  }

  /** For every sequence its number among the different ones. */
  int[] index() {
    return index;
  }

  /** Tokens that the encoder reads for one of the different sequences. */
  int tokens(int number) {
    return tokens[number];
  }

  /** Rows of one of the different sequences. */
  int rows(int number) {
    return rows[number];
  }

  /** Tokens that the encoder reads at once for one of the different sequences. */
  int longestWindow(int number) {
    return longestWindow[number];
  }

  /** How many of all sequences are longer than the encoder reads at once. */
  long longSequences() {
    boolean[] isLong = new boolean[unique.size()];
    tooLong.forEach(number -> isLong[number] = true);
    return IntStream.of(index).filter(number -> isLong[number]).count();
  }

  /** One of the different sequences as the encoder reads it. */
  EncoderInput input(int number) {
    Tokens all = encoder.tokenizer().tokenize(unique.get(number).letters());
    return EncoderInput.fit(all, encoder.maxTokens(), settings.longSequences());
  }

  private void measure(int number) {
    Tokens all = encoder.tokenizer().tokenize(unique.get(number).letters());
    replaced[number] = all.replaced();
    normalised[number] = all.normalised();
    double unknown = all.unknownShare();
    if (unknown > SUSPICIOUS_UNKNOWN_SHARE) {
      firstSuspiciousShare = suspicious.isEmpty() ? unknown : firstSuspiciousShare;
      suspicious.add(number);
    }
    if (all.length() > encoder.maxTokens()) {
      tooLong.add(number);
      if (settings.longSequences() == LongPolicy.ERROR) {
        tokens[number] = all.length();
        return;
      }
    }
    EncoderInput input = EncoderInput.fit(all, encoder.maxTokens(), settings.longSequences());
    if (settings.pooling().isOneRow() && input.content() == 0) {
      throw new CodonfuseException(
          "Sequence '"
              + unique.get(number).id()
              + "' has no "
              + molecule()
              + " token to pool; remove it or use --pool none.");
    }
    tokens[number] = input.read();
    rows[number] = Pooler.rows(settings.pooling(), input);
    longestWindow[number] = input.windows().stream().mapToInt(Tokens::length).max().orElse(0);
  }

  private void refuseTooLong() {
    if (tooLong.isEmpty() || settings.longSequences() != LongPolicy.ERROR) {
      return;
    }
    int first = tooLong.getFirst();
    throw new CodonfuseException(
        "Sequence '%s' has %d %s tokens where %s reads at most %d%s; give --long"
                .formatted(
                    unique.get(first).id(),
                    tokens[first],
                    molecule(),
                    encoder.directory(),
                    encoder.maxTokens(),
                    tooLong.size() == 1
                        ? ""
                        : ", and " + (tooLong.size() - 1) + " others are too long as well")
            + " truncate or --long chunk, or leave out what is longer.");
  }

  private void warnOfUnknown() {
    if (suspicious.isEmpty()) {
      return;
    }
    String text =
        "%d of %d sequences are mostly unknown tokens for %s (the first is '%s', %.0f %%); their"
                .formatted(
                    suspicious.size(),
                    unique.size(),
                    encoder.directory(),
                    unique.get(suspicious.getFirst()).id(),
                    100 * firstSuspiciousShare)
            + " embeddings say little";
    if (settings.strict()) {
      throw new CodonfuseException(text + "; remove them or leave out --strict.");
    }
    LOG.warn("{}.", text);
  }

  private void note(int[] counts, String what) {
    long count = IntStream.of(index).mapToLong(number -> counts[number]).sum();
    if (count > 0) {
      LOG.warn("{} {} by {}.", count, what, encoder.directory());
    }
  }

  private String molecule() {
    return encoder.tokenizer().molecule().label();
  }
}
