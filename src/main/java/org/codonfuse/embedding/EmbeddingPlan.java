package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Which sequences each part of a store holds, decided before anything is computed and by nothing
 * but the sequences and the settings: long ones first, so that what is batched is about equally
 * long and a lack of memory shows at once.
 */
final class EmbeddingPlan {
  /**
   * What a part holds at most, but for one of a single sequence.
   *
   * @param bytes of stored rows
   * @param tokens that are computed: what a killed run loses at most, where rows are few
   * @param sequences in it
   */
  record Limits(long bytes, long tokens, int sequences) {
    static final Limits DEFAULT = new Limits(64L << 20, 1 << 16, 4096);
  }

  private EmbeddingPlan() {}

  /**
   * Cuts the different sequences, longest first, into parts.
   *
   * @param rowBytes size of a stored row
   * @return for every part the numbers of its sequences among the different ones
   */
  static List<int[]> parts(PreparedInputs inputs, long rowBytes, Limits limits) {
    int[] order =
        IntStream.range(0, inputs.unique().size())
            .boxed()
            .sorted(Comparator.comparingInt(inputs::tokens).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    return parts(order, inputs::tokens, inputs::rows, rowBytes, limits);
  }

  /**
   * Cuts sequences in a given order into parts.
   *
   * @param order their numbers
   * @param cost what is computed for one, in tokens
   * @param rows that are stored of one
   * @param rowBytes size of a stored row
   */
  static List<int[]> parts(
      int[] order, IntUnaryOperator cost, IntUnaryOperator rows, long rowBytes, Limits limits) {
    List<int[]> parts = new ArrayList<>();
    List<Integer> part = new ArrayList<>();
    long bytes = 0;
    long tokens = 0;
    for (int number : order) {
      bytes += rows.applyAsInt(number) * rowBytes;
      tokens += cost.applyAsInt(number);
      boolean full =
          bytes > limits.bytes() || tokens > limits.tokens() || part.size() == limits.sequences();
      if (full && !part.isEmpty()) {
        parts.add(part.stream().mapToInt(Integer::intValue).toArray());
        part.clear();
        bytes = rows.applyAsInt(number) * rowBytes;
        tokens = cost.applyAsInt(number);
      }
      part.add(number);
    }
    if (!part.isEmpty()) {
      parts.add(part.stream().mapToInt(Integer::intValue).toArray());
    }
    return parts;
  }
}
