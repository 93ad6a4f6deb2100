package org.codonfuse.training;

import org.codonfuse.embedding.PackedTokens;

/** Rows that an encoder computes in every step, because it learns. */
public interface LiveRows extends StreamRows {
  /** Tokens that the encoder reads for an example. */
  int tokens(int example);

  /** Some examples as the encoder reads them. */
  PackedTokens gather(int[] examples);

  /**
   * There are none before the encoder has run.
   *
   * @throws IllegalStateException always
   */
  @Override
  default void read(int example, float[] target, int offset) {
    throw new IllegalStateException("The rows of an encoder that is being trained");
  }
}
