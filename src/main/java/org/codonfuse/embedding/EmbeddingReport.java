package org.codonfuse.embedding;

import java.nio.file.Path;

/**
 * What an embedding run did.
 *
 * @param store where the rows are
 * @param sequences of the input
 * @param unique different ones among them
 * @param rows stored
 * @param longSequences sequences longer than the encoder reads at once
 * @param computedSequences different sequences that this run computed; an earlier one may have
 *     computed others
 * @param computedTokens tokens of these, special ones included
 * @param seconds that this run computed and wrote
 */
public record EmbeddingReport(
    Path store,
    long sequences,
    long unique,
    long rows,
    long longSequences,
    long computedSequences,
    long computedTokens,
    double seconds) {
  /** Different sequences that were computed in a second. */
  public double sequencesPerSecond() {
    return seconds > 0 ? computedSequences / seconds : 0;
  }

  /** Tokens that were computed in a second, special ones included. */
  public double tokensPerSecond() {
    return seconds > 0 ? computedTokens / seconds : 0;
  }
}
