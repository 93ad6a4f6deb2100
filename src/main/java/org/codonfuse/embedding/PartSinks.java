package org.codonfuse.embedding;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.codonfuse.embedding.store.StoreWriter;

/** The parts of a store that are being written, each by one thread at a time. */
final class PartSinks implements AutoCloseable {
  private final StoreWriter store;
  private final List<EmbeddingInput> sequences;
  private final Set<PartSink> open = ConcurrentHashMap.newKeySet();

  /**
   * @param sequences by the numbers that the rows have
   */
  PartSinks(StoreWriter store, List<EmbeddingInput> sequences) {
    this.store = store;
    this.sequences = sequences;
  }

  /** See {@link PartSink}. */
  PartSink part(int number, List<Integer> rows) {
    PartSink part = new PartSink(store, sequences, number, rows);
    open.add(part);
    return part;
  }

  /** Ends a part. */
  void commit(PartSink part) {
    part.commit();
    open.remove(part);
  }

  /** Drops the parts that were not committed; nobody must be writing any more. */
  @Override
  public void close() {
    open.forEach(PartSink::close);
  }
}
