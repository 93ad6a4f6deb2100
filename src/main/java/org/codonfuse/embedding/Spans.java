package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;

/**
 * Weighted sums over the rows of sequences in a store. Rows of neighbours in a part are one tensor
 * over the mapped file, so that many short sequences cost as few operations as a long one, and
 * nothing is copied or converted that is not summed.
 */
final class Spans {
  /** A span holds at most this many times the rows that are wanted of it. */
  private static final int SLACK = 2;

  private final Backend backend;
  private final EmbeddingStore store;
  private final List<IndexEntry> entries;
  private final List<Segments> sums;

  private Spans(
      Backend backend, EmbeddingStore store, List<IndexEntry> entries, List<Segments> sums) {
    this.backend = backend;
    this.store = store;
    this.entries = entries;
    this.sums = sums;
  }

  /**
   * The sums of all sequences, one after the other.
   *
   * @param entries at least one, each of at least one row
   * @param sums for each of them; row 0 is its first
   * @return float32 [sums, width]
   */
  static Tensor sums(
      Backend backend, EmbeddingStore store, List<IndexEntry> entries, List<Segments> sums) {
    return new Spans(backend, store, entries, sums).tensor();
  }

  /** Rows as they are. */
  static Segments identity(int rows) {
    float[] weights = new float[rows];
    Arrays.fill(weights, 1);
    return new Segments(
        IntStream.rangeClosed(0, rows).toArray(), IntStream.range(0, rows).toArray(), weights);
  }

  /**
   * Some of the sums, from the first on.
   *
   * @param count how many
   * @param times how often each is repeated
   */
  static Segments first(Segments sums, int count, int times) {
    if (times == 1 && count == sums.count()) {
      return sums;
    }
    int[] offsets = new int[count + 1];
    for (int s = 0; s < count; s++) {
      int from = s / times;
      offsets[s + 1] = offsets[s] + sums.offsets()[from + 1] - sums.offsets()[from];
    }
    int[] rows = new int[offsets[count]];
    float[] weights = new float[rows.length];
    for (int s = 0; s < count; s++) {
      int from = sums.offsets()[s / times];
      int length = offsets[s + 1] - offsets[s];
      System.arraycopy(sums.rows(), from, rows, offsets[s], length);
      System.arraycopy(sums.weights(), from, weights, offsets[s], length);
    }
    return new Segments(offsets, rows, weights);
  }

  private Tensor tensor() {
    List<List<Integer>> spans = divide();
    if (spans.size() == 1) {
      return span(IntStream.range(0, entries.size()).boxed().toList());
    }
    Tensor all = backend.concat(spans.stream().map(this::span).toList(), 0);
    List<Integer> order = spans.stream().flatMap(List::stream).toList();
    long[] ids = places(order);
    return isAscending(ids)
        ? all
        : backend.embedding(all, backend.tensor(ids, Shape.of(ids.length)));
  }

  /** The sequences in the order of their rows, cut where too much would lie between them. */
  private List<List<Integer>> divide() {
    List<Integer> sorted =
        IntStream.range(0, entries.size())
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(i -> entries.get(i).part())
                    .thenComparingLong(i -> entries.get(i).row()))
            .toList();
    List<List<Integer>> spans = new ArrayList<>();
    IndexEntry first = null;
    long wanted = 0;
    for (int i : sorted) {
      IndexEntry entry = entries.get(i);
      boolean near =
          first != null
              && entry.part() == first.part()
              && entry.row() + entry.rows() - first.row() <= SLACK * (wanted + entry.rows());
      if (!near) {
        spans.add(new ArrayList<>());
        first = entry;
        wanted = 0;
      }
      spans.getLast().add(i);
      wanted += entry.rows();
    }
    return spans;
  }

  private Tensor span(List<Integer> members) {
    Comparator<IndexEntry> byRow = Comparator.comparingLong(IndexEntry::row);
    IndexEntry first = members.stream().map(entries::get).min(byRow).orElseThrow();
    IndexEntry last = members.stream().map(entries::get).max(byRow).orElseThrow();
    Shape shape = Shape.of(last.row() + last.rows() - first.row(), store.width());
    Tensor stored =
        backend.tensor(store.rows(first, last), store.type().dtype().orElseThrow(), shape);
    return backend.segmentSum(backend.cast(stored, DType.FLOAT32), joined(members, first.row()));
  }

  private Segments joined(List<Integer> members, long begin) {
    List<Segments> shifted = new ArrayList<>(members.size());
    for (int i : members) {
      Segments own = sums.get(i);
      int shift = (int) (entries.get(i).row() - begin);
      int[] rows = own.rows();
      if (shift > 0) {
        rows = rows.clone();
        for (int k = 0; k < rows.length; k++) {
          rows[k] += shift;
        }
      }
      shifted.add(new Segments(own.offsets(), rows, own.weights()));
    }
    return Segments.join(shifted);
  }

  /** Where the sums of all sequences are, in their order, among those in another order. */
  private long[] places(List<Integer> order) {
    long[] starts = new long[entries.size()];
    long next = 0;
    for (int i : order) {
      starts[i] = next;
      next += sums.get(i).count();
    }
    long[] ids = new long[Math.toIntExact(next)];
    int filled = 0;
    for (int i = 0; i < starts.length; i++) {
      for (int s = 0; s < sums.get(i).count(); s++) {
        ids[filled++] = starts[i] + s;
      }
    }
    return ids;
  }

  private static boolean isAscending(long[] ids) {
    return IntStream.range(0, ids.length).allMatch(i -> ids[i] == i);
  }
}
