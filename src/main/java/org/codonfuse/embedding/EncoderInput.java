package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.token.Tokens;

/**
 * A sequence as an encoder reads it.
 *
 * @param whole all tokens that get rows, special ones around them
 * @param windows what the encoder reads, each with its special tokens: {@code whole} alone unless
 *     that is too long
 * @param firsts for every window the position among the tokens that are not special of its first
 */
record EncoderInput(Tokens whole, List<Tokens> windows, List<Integer> firsts) {
  /** Neighbouring windows share at least this part of their tokens. */
  private static final int OVERLAP = 4;

  /**
   * Fits a sequence to an encoder.
   *
   * @param tokens of the whole sequence
   * @param limit tokens that the encoder reads at most, special ones included
   * @throws IllegalArgumentException if it is too long and the policy does not say what to do
   */
  static EncoderInput fit(Tokens tokens, int limit, LongPolicy policy) {
    if (tokens.length() <= limit) {
      return new EncoderInput(tokens, List.of(tokens), List.of(0));
    }
    int content = content(tokens);
    int room = limit - (tokens.length() - content);
    return switch (policy) {
      case ERROR -> throw new IllegalArgumentException(tokens.length() + " tokens, not " + limit);
      case TRUNCATE -> {
        Tokens cut = tokens.truncate(limit);
        yield new EncoderInput(cut, List.of(cut), List.of(0));
      }
      case CHUNK -> {
        List<Integer> firsts = firsts(content, room);
        List<Tokens> windows = new ArrayList<>();
        firsts.forEach(first -> windows.add(slice(tokens, first, room)));
        yield new EncoderInput(tokens, windows, firsts);
      }
    };
  }

  /** Tokens that neighbouring windows of an encoder share at least. */
  static int overlap(int room) {
    return room / OVERLAP;
  }

  /** Tokens that the encoder reads for this sequence, those of shared stretches repeatedly. */
  int read() {
    return windows.stream().mapToInt(Tokens::length).sum();
  }

  /** Special tokens before the others. */
  int lead() {
    return lead(whole);
  }

  /** Tokens that are not special. */
  int content() {
    return content(whole);
  }

  /** Nucleotides of the mRNA that the tokens stand for. */
  int nucleotides() {
    int content = content();
    return content == 0 ? 0 : whole.ends()[lead() + content - 1];
  }

  /** As few windows as possible, evenly spread, so that the last is as long as the others. */
  private static List<Integer> firsts(int content, int room) {
    int stride = Math.max(1, room - overlap(room));
    int windows = 1 + Math.ceilDiv(content - room, stride);
    return IntStream.range(0, windows)
        .mapToObj(i -> (int) ((long) i * (content - room) / (windows - 1)))
        .toList();
  }

  private static Tokens slice(Tokens tokens, int first, int count) {
    int lead = lead(tokens);
    int tail = lead + content(tokens);
    return tokens.select(
        IntStream.range(0, tokens.length())
            .filter(t -> t < lead || t >= tail || (t >= lead + first && t < lead + first + count))
            .toArray());
  }

  private static int lead(Tokens tokens) {
    int lead = 0;
    while (lead < tokens.length() && tokens.special(lead)) {
      lead++;
    }
    return lead;
  }

  private static int content(Tokens tokens) {
    int count = 0;
    for (int t = 0; t < tokens.length(); t++) {
      count += tokens.special(t) ? 0 : 1;
    }
    return count;
  }
}
