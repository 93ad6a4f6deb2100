package org.codonfuse.training.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Segments;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.token.Tokens;
import org.codonfuse.training.StreamRows;

/**
 * Rows of a stream that lie in a store: taken as they are, or where the store has tokens and the
 * stream codons or windows, aligned as they are read. Of the store nothing is kept but where a
 * sequence's rows are.
 */
final class StoredRows implements StreamRows {
  private final EmbeddingStore store;
  private final Granularity granularity;
  private final Letters letters;
  private final List<CodingSequence> sequences;
  private final IndexEntry[] entries;
  private final int[] rows;
  private final int[] nucleotides;

  /**
   * @param granularity what the rows of the stream stand for; the store has rows of it or of tokens
   * @param entries for every sequence where its rows are
   * @throws CodonfuseException if a sequence has more rows than it can have
   */
  StoredRows(
      EmbeddingStore store,
      Granularity granularity,
      Letters letters,
      List<CodingSequence> sequences,
      IndexEntry[] entries) {
    this.store = store;
    this.granularity = granularity;
    this.letters = letters;
    this.sequences = sequences;
    this.entries = entries;
    this.rows = new int[entries.length];
    this.nucleotides = new int[entries.length];
    for (int i = 0; i < entries.length; i++) {
      place(i);
    }
  }

  private void place(int example) {
    int length = sequences.get(example).length();
    int stored = entries[example].rows();
    int whole;
    int covered;
    if (store.manifest().pooling() == Pooling.NONE) {
      Tokens tokens = letters.tokens(sequences.get(example));
      whole = tokens.length();
      covered = stored == 0 ? 0 : tokens.ends()[Math.min(stored, whole) - 1];
    } else {
      whole = CodonAlignment.rows(granularity, length);
      covered = Math.min(length, stored * granularity.nucleotides());
    }
    if (stored > whole) {
      throw new CodonfuseException(
          "%s: has %d rows for sequence '%s', which has %d; embed it again."
              .formatted(store.directory(), stored, sequences.get(example).id(), whole));
    }
    // One or two nucleotides after the last codon belong to no row, and were not cut off.
    nucleotides[example] = stored == whole ? length : covered;
    rows[example] = aligns() ? CodonAlignment.rows(granularity, nucleotides[example]) : stored;
  }

  private boolean aligns() {
    return granularity != Granularity.TOKEN && store.manifest().pooling() == Pooling.NONE;
  }

  /** How much of a sequence the rows cover: all of it, or where it was cut what came before. */
  int nucleotides(int example) {
    return nucleotides[example];
  }

  @Override
  public int rows(int example) {
    return rows[example];
  }

  @Override
  public void read(int example, float[] target, int offset) {
    int width = store.width();
    int stored = entries[example].rows();
    if (!aligns()) {
      store.read(entries[example], target, offset);
      requireFinite(example, target, offset, stored * width);
      return;
    }
    float[] values = new float[Math.multiplyExact(stored, width)];
    store.read(entries[example], values, 0);
    requireFinite(example, values, 0, values.length);
    Tokens tokens =
        letters.tokens(sequences.get(example)).select(IntStream.range(0, stored).toArray());
    Segments sums = CodonAlignment.segments(granularity, tokens, nucleotides[example], 0);
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
        throw new CodonfuseException(
            "%s: the rows of sequence '%s' are not numbers; check the store with 'codonfuse store verify'."
                .formatted(store.directory(), sequences.get(example).id()));
      }
    }
  }
}
