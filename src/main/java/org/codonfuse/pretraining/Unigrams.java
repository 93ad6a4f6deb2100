package org.codonfuse.pretraining;

import org.codonfuse.token.Tokens;

/**
 * How frequent tokens are, whatever is around them: what a model has to beat. Every token that
 * stands for something is counted once more than it was seen, so that none is impossible.
 */
final class Unigrams {
  private final Masking masking;
  private final long[] counts;
  private long total;

  /**
   * @param masking knows which tokens may be in question
   * @param vocabulary number of tokens
   */
  Unigrams(Masking masking, int vocabulary) {
    this.masking = masking;
    this.counts = new long[vocabulary];
    for (int id : masking.letters()) {
      counts[id]++;
      total++;
    }
  }

  /** Counts the tokens of a sequence. */
  void add(Tokens tokens) {
    for (int position : masking.candidates(tokens)) {
      counts[tokens.ids()[position]]++;
      total++;
    }
  }

  /** The negative logarithm of a token's probability. */
  double loss(int id) {
    return Math.log((double) total / counts[id]);
  }
}
