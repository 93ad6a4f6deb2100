package org.codonfuse.embedding;

import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.embedding.store.PartWriter;
import org.codonfuse.embedding.store.StoreWriter;

/** Appends rows to a part of a store. Not for several threads at once. */
final class PartSink implements AutoCloseable {
  private final StoreWriter store;
  private final List<EmbeddingInput> sequences;
  private final int number;
  private final List<Integer> rows;

  /** Begun by who writes it. */
  private Optional<PartWriter> part = Optional.empty();

  /**
   * @param sequences by the numbers that the rows have
   * @param number of the part
   * @param rows of each of its sequences, see {@link StoreWriter#part}
   */
  PartSink(StoreWriter store, List<EmbeddingInput> sequences, int number, List<Integer> rows) {
    this.store = store;
    this.sequences = sequences;
    this.number = number;
    this.rows = rows;
  }

  /**
   * Appends rows.
   *
   * @throws CodonfuseException if they cannot be written or a value is too large for its type
   */
  void append(EmbeddedRows batch) {
    batch.requireFit(sequences);
    if (part.isEmpty()) {
      part = Optional.of(store.part(number, rows));
    }
    part.get().append(batch.values().bytes());
  }

  /** Ends the part. */
  void commit() {
    part.orElseThrow().commit();
    close();
  }

  /** Drops the part unless it was committed. */
  @Override
  public void close() {
    part.ifPresent(PartWriter::close);
  }
}
