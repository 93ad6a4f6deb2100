package org.codonfuse.embedding;

import java.util.List;
import org.codonfuse.compute.Segments;
import org.codonfuse.token.Tokens;

/**
 * A batch as an encoder reads it, and how its hidden states become the rows of the batch.
 *
 * @param sequences what the encoder reads, equal sequences once
 * @param rows sums over the hidden states of all sequences, for every member of the batch {@code
 *     longest} of them; those that a member does not have are empty
 * @param longest rows of the member that has most
 * @param lengths number of rows of every member
 */
@SuppressWarnings("ArrayRecordComponent") // Batches are compared by nobody; lists would box.
public record PackedTokens(List<Tokens> sequences, Segments rows, int longest, int[] lengths) {
  /** Number of tokens that the encoder reads. */
  public int tokens() {
    return sequences.stream().mapToInt(Tokens::length).sum();
  }
}
