package org.codonfuse.pretraining;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.codonfuse.embedding.EmbeddingInput;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokens;

/**
 * Sequences of one split as an encoder reads them. Holds their letters; tokens are made whenever
 * they are asked for. Any thread may use it.
 */
final class Sequences {
  private final Tokenizer tokenizer;
  private final int limit;
  private final List<EmbeddingInput> inputs;
  private final int[] lengths;

  /**
   * @param limit tokens that the encoder reads at most; of longer sequences it reads the beginning
   */
  Sequences(Tokenizer tokenizer, int limit, List<EmbeddingInput> inputs) {
    this.tokenizer = tokenizer;
    this.limit = limit;
    this.inputs = List.copyOf(inputs);
    this.lengths = inputs.stream().mapToInt(input -> tokens(input).length()).toArray();
  }

  private Tokens tokens(EmbeddingInput input) {
    return tokenizer.tokenize(input.letters()).truncate(limit);
  }

  /** Their number. */
  int size() {
    return inputs.size();
  }

  /** What one is called. */
  String id(int index) {
    return inputs.get(index).id();
  }

  /** The number of tokens of one. */
  int length(int index) {
    return lengths[index];
  }

  /** The number of tokens of so many of them that are longest. */
  long mostTokens(int count) {
    return Arrays.stream(lengths)
        .boxed()
        .sorted(Comparator.reverseOrder())
        .limit(count)
        .mapToLong(Integer::longValue)
        .sum();
  }

  /** One of them. */
  Tokens tokens(int index) {
    return tokens(inputs.get(index));
  }
}
