package org.codonfuse.embedding;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.ElementBytes;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.ExportFormat;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.RowFile;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.StoredType;

/**
 * One row for every sequence of a store, of its rows of tokens or codons, in one file for other
 * programs. Some thousand sequences are in memory at a time, however many there are.
 */
public final class StorePooling {
  /** Sequences whose rows are brought back into the order of the input at once. */
  private static final int SEQUENCES_AT_ONCE = 4096;

  /** Stored rows that are computed on at once, unless a sequence has more. */
  private static final int ROWS_AT_ONCE = 8192;

  private final Backend backend;
  private final EmbeddingStore store;
  private final List<IndexEntry> entries;
  private final Pooling mode;

  private StorePooling(
      Backend backend, EmbeddingStore store, List<IndexEntry> entries, Pooling mode) {
    this.backend = backend;
    this.store = store;
    this.entries = entries;
    this.mode = mode;
  }

  /** Where the rows of a sequence are; equal sequences share them. */
  private record Place(int part, long row) {
    static Place of(IndexEntry entry) {
      return new Place(entry.part(), entry.row());
    }
  }

  /**
   * Writes a file, replacing it if it exists; it appears when it is whole.
   *
   * @param entries the sequences, in their order in the file
   * @param mode mean, max or cls
   * @throws CodonfuseException if the store's rows cannot be pooled so, a sequence has none, or the
   *     file cannot be written
   */
  public static void write(
      Backend backend,
      EmbeddingStore store,
      List<IndexEntry> entries,
      Pooling mode,
      Path file,
      ExportFormat format,
      Progress progress) {
    requirePossible(store, mode);
    for (IndexEntry entry : entries) {
      if (entry.rows() == 0) {
        throw new CodonfuseException(
            "%s: sequence '%s' has no rows to pool; leave it out with --ids."
                .formatted(store.directory(), entry.id()));
      }
    }
    StorePooling pooling = new StorePooling(backend, store, entries, mode);
    List<RowFile.Sequence> sequences =
        entries.stream().map(entry -> new RowFile.Sequence(entry.id(), 1)).toList();
    new RowFile(StoredType.F32, store.width(), sequences)
        .write(file, format, sink -> pooling.stream(sink, progress));
  }

  private static void requirePossible(EmbeddingStore store, Pooling mode) {
    Pooling there = store.manifest().pooling();
    if (there == mode) {
      return;
    }
    if (mode == Pooling.CLS) {
      throw new CodonfuseException(
          "%s: has no row of the special token (--pool %s); embed with --pool cls."
              .formatted(store.directory(), there.label()));
    }
    if (there.isOneRow()) {
      throw new CodonfuseException(
          ("%s: has one row for a sequence (--pool %s) where --mode %s takes those of its tokens or"
                  + " codons; embed with --pool none.")
              .formatted(store.directory(), there.label(), mode.label()));
    }
  }

  private void stream(Consumer<MemorySegment> sink, Progress progress) {
    try (Progress.Task task = progress.start("Pooling", entries.size())) {
      for (int from = 0; from < entries.size(); from += SEQUENCES_AT_ONCE) {
        List<IndexEntry> some =
            entries.subList(from, Math.min(entries.size(), from + SEQUENCES_AT_ONCE));
        float[] values = pool(some);
        requireFinite(some, values);
        sink.accept(ElementBytes.of(values, DType.FLOAT32));
        task.step(some.size());
      }
    }
  }

  private void requireFinite(List<IndexEntry> some, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw store.notFinite(some.get(i / store.width()).id());
      }
    }
  }

  /** The rows of sequences: computed once each, in the order in which the store has them. */
  private float[] pool(List<IndexEntry> some) {
    List<IndexEntry> sorted = new ArrayList<>(some);
    sorted.sort(Comparator.comparingInt(IndexEntry::part).thenComparingLong(IndexEntry::row));
    Map<Place, Integer> numbers = new HashMap<>();
    List<IndexEntry> distinct = new ArrayList<>();
    for (IndexEntry entry : sorted) {
      if (numbers.putIfAbsent(Place.of(entry), distinct.size()) == null) {
        distinct.add(entry);
      }
    }
    long[] ids = some.stream().mapToLong(entry -> numbers.get(Place.of(entry))).toArray();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tensor> batches = new ArrayList<>();
      for (int from = 0; from < distinct.size(); ) {
        int to = end(distinct, from);
        try (Scope scope = backend.openScope(Mode.INFERENCE)) {
          batches.add(scope.keep(batch(distinct.subList(from, to))));
        }
        from = to;
      }
      Tensor all = batches.size() == 1 ? batches.getFirst() : backend.concat(batches, 0);
      return backend.embedding(all, backend.tensor(ids, Shape.of(ids.length))).toFloats();
    }
  }

  private static int end(List<IndexEntry> entries, int from) {
    int end = from + 1;
    long rows = entries.get(from).rows();
    while (end < entries.size() && rows + entries.get(end).rows() <= ROWS_AT_ONCE) {
      rows += entries.get(end++).rows();
    }
    return end;
  }

  private Tensor batch(List<IndexEntry> batch) {
    if (mode == Pooling.MAX) {
      return maxima(batch);
    }
    return Spans.sums(
        backend, store, batch, batch.stream().map(entry -> mean(entry.rows())).toList());
  }

  private static Segments mean(int rows) {
    float[] weights = new float[rows];
    Arrays.fill(weights, 1f / rows);
    return new Segments(new int[] {0, rows}, IntStream.range(0, rows).toArray(), weights);
  }

  /** Neighbours that are equally long are one tensor. */
  private Tensor maxima(List<IndexEntry> batch) {
    List<Tensor> maxima = new ArrayList<>();
    for (int from = 0; from < batch.size(); ) {
      int to = from + 1;
      while (to < batch.size() && isNext(batch.get(to - 1), batch.get(to))) {
        to++;
      }
      int rows = batch.get(from).rows();
      int[] lengths = new int[to - from];
      Arrays.fill(lengths, rows);
      Tensor stored =
          backend.tensor(
              store.rows(batch.get(from), batch.get(to - 1)),
              store.type().dtype().orElseThrow(),
              Shape.of(lengths.length, rows, store.width()));
      maxima.add(
          backend.maskedMax(backend.cast(stored, DType.FLOAT32), backend.mask(lengths, rows)));
      from = to;
    }
    return maxima.size() == 1 ? maxima.getFirst() : backend.concat(maxima, 0);
  }

  private static boolean isNext(IndexEntry entry, IndexEntry other) {
    return other.part() == entry.part()
        && other.row() == entry.row() + entry.rows()
        && other.rows() == entry.rows();
  }
}
