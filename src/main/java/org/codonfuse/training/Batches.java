package org.codonfuse.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** What is trained on together, and in which order. */
final class Batches {
  /** Batches whose examples are sorted together: more would always meet the same neighbours. */
  private static final int SORTED_TOGETHER = 50;

  private Batches() {}

  /** Consecutive examples of an order, the last batch being what is left. */
  static List<int[]> of(int[] order, int size) {
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < order.length; ) {
      int to = (int) Math.min(order.length, (long) from + size);
      batches.add(Arrays.copyOfRange(order, from, to));
      from = to;
    }
    return batches;
  }

  /**
   * Every example once, in random order.
   *
   * @param examples their number
   * @param length of an example
   * @param size of a batch
   * @param bucket whether members of a batch have similar lengths: less is padded then. The order
   *     of the batches is random all the same.
   */
  static List<int[]> random(
      int examples, IntUnaryOperator length, int size, boolean bucket, SplittableRandom random) {
    int[] order = IntStream.range(0, examples).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    if (!bucket) {
      return of(order, size);
    }
    List<int[]> batches = new ArrayList<>();
    for (int[] pool : of(order, (int) Math.min(order.length, (long) size * SORTED_TOGETHER))) {
      batches.addAll(of(sorted(pool, length), size));
    }
    Collections.shuffle(batches, random);
    return batches;
  }

  /** The same examples, the shorter first: neighbours need little padding. */
  static int[] sorted(int[] examples, IntUnaryOperator length) {
    return Arrays.stream(examples)
        .boxed()
        .sorted(Comparator.comparingInt(length::applyAsInt))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
