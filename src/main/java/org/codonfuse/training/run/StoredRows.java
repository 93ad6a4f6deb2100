package org.codonfuse.training.run;

import java.util.Arrays;
import org.codonfuse.compute.Segments;
import org.codonfuse.embedding.StoredSequences;
import org.codonfuse.embedding.store.EmbeddingStore;

/**
 * Rows of a stream that lie in a store: taken as they are, or where the store has tokens and the
 * stream codons or windows, aligned as they are read. Of the store nothing is kept but where a
 * sequence's rows are.
 */
final class StoredRows implements SourceRows {
  private final EmbeddingStore store;
  private final StoredSequences sequences;

  /**
   * @param sequences of the granularity of the stream
   */
  StoredRows(StoredSequences sequences) {
    this.store = sequences.store();
    this.sequences = sequences;
  }

  @Override
  public int nucleotides(int example) {
    return sequences.nucleotides(example);
  }

  @Override
  public int rows(int example) {
    return sequences.rows(example);
  }

  @Override
  public void read(int example, float[] target, int offset) {
    int width = store.width();
    int stored = sequences.entry(example).rows();
    if (!sequences.aligns()) {
      store.read(sequences.entry(example), target, offset);
      requireFinite(example, target, offset, stored * width);
      return;
    }
    float[] values = new float[Math.multiplyExact(stored, width)];
    store.read(sequences.entry(example), values, 0);
    requireFinite(example, values, 0, values.length);
    Segments sums = sequences.segments(example);
    for (int s = 0; s < sums.count(); s++) {
      int to = offset + s * width;
      Arrays.fill(target, to, to + width, 0);
      for (int k = sums.offsets()[s]; k < sums.offsets()[s + 1]; k++) {
        float weight = sums.weights()[k];
        int from = sums.rows()[k] * width;
        for (int i = 0; i < width; i++) {
          target[to + i] += weight * values[from + i];
        }
      }
    }
  }

  /** Or a damaged store would pass for a learning rate that is too large. */
  private void requireFinite(int example, float[] values, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (!Float.isFinite(values[i])) {
        throw store.notFinite(sequences.sequence(example).id());
      }
    }
  }
}
