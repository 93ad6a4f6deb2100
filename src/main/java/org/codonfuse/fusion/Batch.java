package org.codonfuse.fusion;

import java.util.Map;
import org.codonfuse.compute.Tensor;

/**
 * Embeddings of several sequences, padded to the longest of them.
 *
 * @param streams by name
 * @param codons number of codons of every member
 */
public record Batch(Map<String, Stream> streams, int[] codons) {
  /**
   * One stream of the batch.
   *
   * @param values [batch, longest, width]; the values of padding are of no account
   * @param lengths number of rows of every member
   */
  public record Stream(Tensor values, int[] lengths) {}

  /** Number of sequences. */
  public int size() {
    return codons.length;
  }
}
