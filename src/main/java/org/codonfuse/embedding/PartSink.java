package org.codonfuse.embedding;

import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.embedding.store.PartWriter;
import org.codonfuse.embedding.store.StoreWriter;

/** Converts rows and appends them to the part under way. Not for several threads at once. */
final class PartSink implements AutoCloseable {
  private final StoreWriter store;
  private final RowEncoder encoder;
  private final DType stored;
  private final List<EmbeddingInput> sequences;
  private PartWriter part;

  /**
   * @param sequences by the numbers that the rows have
   */
  PartSink(StoreWriter store, DType stored, List<EmbeddingInput> sequences) {
    this.store = store;
    this.stored = stored;
    this.encoder = new RowEncoder(stored);
    this.sequences = sequences;
  }

  /** Begins a part, see {@link StoreWriter#part}. */
  void begin(int number, List<Integer> rows) {
    part = store.part(number, rows);
  }

  /**
   * Appends rows.
   *
   * @throws CodonfuseException if they cannot be written or a value is too large for its type
   */
  void append(EmbeddedRows rows) {
    encoder.encode(rows.values(), part::append, value -> refuse(rows, value));
  }

  /** Ends the part. */
  void commit() {
    part.commit();
    part.close();
    part = null;
  }

  private void refuse(EmbeddedRows rows, int value) {
    throw rows.tooLarge(value, stored, sequences);
  }

  /** Drops a part that was not committed. */
  @Override
  public void close() {
    if (part != null) {
      part.close();
    }
  }
}
