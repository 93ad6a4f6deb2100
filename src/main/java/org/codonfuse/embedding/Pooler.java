package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.token.Tokens;

/** From the rows of tokens to the rows of a sequence: weighted sums, but for the maximum. */
final class Pooler {
  private final Backend backend;

  Pooler(Backend backend) {
    this.backend = backend;
  }

  /** How many rows a sequence has. */
  static int rows(Pooling pooling, EncoderInput input) {
    return switch (pooling) {
      case NONE -> input.content();
      case CODON -> CodonAlignment.rows(Granularity.CODON, input.nucleotides());
      case WINDOW -> CodonAlignment.rows(Granularity.WINDOW, input.nucleotides());
      case MEAN, CLS, MAX -> 1;
    };
  }

  /**
   * How the hidden states of a batch become its rows, one after the other.
   *
   * @param picked those that are rows as they are, where all rows are; else empty
   * @param sums those that rows are sums of
   * @param maxima of how many of these rows the maximum is one, for every sequence; empty but for
   *     {@link Pooling#MAX}
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; lists would box.
  record Rows(long[] picked, Optional<Segments> sums, int[] maxima) {}

  /** How the hidden states of sequences become rows; needs no backend. */
  static Rows rows(Pooling pooling, List<EncoderInput> inputs) {
    int[] maxima =
        pooling == Pooling.MAX
            ? inputs.stream().mapToInt(EncoderInput::content).toArray()
            : new int[0];
    boolean tokens = pooling == Pooling.NONE || pooling == Pooling.MAX || pooling == Pooling.CLS;
    if (tokens && inputs.stream().allMatch(input -> input.windows().size() == 1)) {
      return new Rows(picked(pooling, inputs), Optional.empty(), maxima);
    }
    List<Segments> segments = new ArrayList<>(inputs.size());
    int row = 0;
    for (EncoderInput input : inputs) {
      segments.add(segments(pooling, input, row));
      row += input.read();
    }
    return new Rows(new long[0], Optional.of(Segments.join(segments)), maxima);
  }

  private static long[] picked(Pooling pooling, List<EncoderInput> inputs) {
    long[] picked = new long[inputs.stream().mapToInt(input -> input.whole().length()).sum()];
    int filled = 0;
    int row = 0;
    for (EncoderInput input : inputs) {
      Tokens tokens = input.whole();
      for (int t = 0; t < tokens.length(); t++) {
        if (pooling == Pooling.CLS ? t == 0 : !tokens.special(t)) {
          picked[filled++] = (long) row + t;
        }
      }
      row += tokens.length();
    }
    return Arrays.copyOf(picked, filled);
  }

  /**
   * The rows of sequences, one after the other.
   *
   * @param hidden [tokens of all windows of all sequences, width]
   */
  Tensor pool(Tensor hidden, Rows rows) {
    Tensor made =
        rows.sums.isPresent()
            ? backend.segmentSum(hidden, rows.sums.get())
            : backend.embedding(hidden, backend.tensor(rows.picked, Shape.of(rows.picked.length)));
    return rows.maxima.length > 0 ? maxima(made, rows.maxima) : made;
  }

  private Tensor maxima(Tensor rows, int[] counts) {
    List<Tensor> maxima = new ArrayList<>(counts.length);
    long from = 0;
    for (int count : counts) {
      Tensor own = backend.narrow(rows, 0, from, count);
      Tensor batch = backend.reshape(own, Shape.of(1, count, rows.shape().dim(1)));
      maxima.add(backend.maskedMax(batch, backend.mask(new int[] {count}, count)));
      from += count;
    }
    return backend.concat(maxima, 0);
  }

  /**
   * The sums that make the rows of a sequence of the rows of its tokens.
   *
   * @param row of the first token of the first window
   */
  static Segments segments(Pooling pooling, EncoderInput input, int row) {
    if (input.windows().size() == 1) {
      return ofWhole(pooling, input, row);
    }
    return pooling == Pooling.CLS ? firstTokens(input, row) : averaged(pooling, input, row);
  }

  private static Segments ofWhole(Pooling pooling, EncoderInput input, int row) {
    return switch (pooling) {
      case NONE, MAX ->
          CodonAlignment.segments(Granularity.TOKEN, input.whole(), input.nucleotides(), row);
      case CODON ->
          CodonAlignment.segments(Granularity.CODON, input.whole(), input.nucleotides(), row);
      case WINDOW ->
          CodonAlignment.segments(Granularity.WINDOW, input.whole(), input.nucleotides(), row);
      case MEAN -> {
        int first = row + input.lead();
        yield mean(IntStream.range(first, first + input.content()).toArray());
      }
      case CLS -> mean(new int[] {row});
    };
  }

  private static Segments firstTokens(EncoderInput input, int row) {
    int[] rows = new int[input.windows().size()];
    int next = row;
    for (int w = 0; w < rows.length; w++) {
      rows[w] = next;
      next += input.windows().get(w).length();
    }
    return mean(rows);
  }

  private static Segments mean(int[] rows) {
    float[] weights = new float[rows.length];
    Arrays.fill(weights, 1f / rows.length);
    return new Segments(new int[] {0, rows.length}, rows, weights);
  }

  /** The sums over the whole sequence, every token the mean of its rows in all windows. */
  private static Segments averaged(Pooling pooling, EncoderInput input, int row) {
    Segments whole = ofWhole(pooling, input, 0);
    int lead = input.lead();
    int[][] places = places(input, row);
    int members = Arrays.stream(whole.rows()).map(token -> places[token - lead].length).sum();
    int[] offsets = new int[whole.offsets().length];
    int[] rows = new int[members];
    float[] weights = new float[members];
    int filled = 0;
    for (int s = 0; s < whole.count(); s++) {
      for (int k = whole.offsets()[s]; k < whole.offsets()[s + 1]; k++) {
        int[] of = places[whole.rows()[k] - lead];
        for (int place : of) {
          rows[filled] = place;
          weights[filled++] = whole.weights()[k] / of.length;
        }
      }
      offsets[s + 1] = filled;
    }
    return new Segments(offsets, rows, weights);
  }

  /** For every token that is not special its rows in the windows. */
  private static int[][] places(EncoderInput input, int row) {
    int lead = input.lead();
    int[][] places = new int[input.content()][];
    Arrays.fill(places, new int[0]);
    int next = row;
    for (int w = 0; w < input.windows().size(); w++) {
      int first = input.firsts().get(w);
      int length = input.windows().get(w).length();
      int content = length - (input.whole().length() - input.content());
      for (int t = 0; t < content; t++) {
        int[] before = places[first + t];
        int[] extended = Arrays.copyOf(before, before.length + 1);
        extended[before.length] = next + lead + t;
        places[first + t] = extended;
      }
      next += length;
    }
    return places;
  }
}
