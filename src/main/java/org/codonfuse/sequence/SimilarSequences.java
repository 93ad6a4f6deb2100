package org.codonfuse.sequence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.codonfuse.UsageException;

/**
 * Finds the similar ones among sequences. Similarity is the Jaccard index of the sets of 10-mers: 1
 * for the same k-mers, 0.5 where about 4 % of the nucleotides differ, near 0 for unrelated
 * sequences. Candidates come from MinHash signatures in bands (Leskovec, Rajaraman and Ullman,
 * Mining of Massive Datasets, 3.4) and are verified; of pairs exactly at the limit one in ten
 * thousand is missed, of more similar ones fewer. Nothing depends on a seed.
 */
final class SimilarSequences {
  /** The similarity that is asked for unless another is. */
  static final double DEFAULT = 0.5;

  /** The least that can be asked for. */
  static final double LEAST = 0.1;

  private static final double MISSED = 1e-4;

  /** Candidates whose estimate is so many standard deviations below the limit are not verified. */
  private static final double DEVIATIONS = 5;

  private final KmerSketch[] sketches;
  private final double limit;
  private final double leastEstimate;
  private final int bandSize;

  /** By band the hashes of all sequences, each with its sequence in the lower half, ascending. */
  private final long[][] bands;

  /**
   * A similar pair.
   *
   * @param row the one
   * @param other the other
   * @param similarity at least what was asked for
   */
  record Pair(int row, int other, double similarity) {}

  /**
   * @param sequences clean RNA
   * @param limit the least similarity of what is found, {@link #LEAST} to 1
   */
  SimilarSequences(List<String> sequences, double limit) {
    this.limit = limit;
    this.leastEstimate = limit - margin(limit);
    this.bandSize = bandSize(limit);
    Map<String, KmerSketch> distinct = new HashMap<>();
    sequences.stream()
        .distinct()
        .parallel()
        .map(rna -> Map.entry(rna, new KmerSketch(rna)))
        .toList()
        .forEach(entry -> distinct.put(entry.getKey(), entry.getValue()));
    this.sketches = sequences.stream().map(distinct::get).toArray(KmerSketch[]::new);
    this.bands =
        IntStream.range(0, KmerSketch.ENTRIES / bandSize)
            .parallel()
            .mapToObj(this::band)
            .toArray(long[][]::new);
  }

  /**
   * @throws UsageException if pairs of so little or impossible similarity cannot be looked for
   */
  static void requireLimit(double similarity) {
    if (!(similarity >= LEAST && similarity <= 1)) {
      throw new UsageException(
          "a similarity of "
              + similarity
              + " cannot be looked for; give a number from "
              + LEAST
              + " to 1.");
    }
  }

  /** The most entries in a band with which few enough pairs at the limit agree in no band. */
  private static int bandSize(double limit) {
    int size = 1;
    while (size < 16 && missed(limit, size + 1) <= MISSED) {
      size++;
    }
    return size;
  }

  private static double missed(double limit, int size) {
    int number = KmerSketch.ENTRIES / size;
    return Math.pow(1 - Math.pow(limit, size), number);
  }

  /** How far below a similarity its estimate can be. */
  private static double margin(double similarity) {
    return DEVIATIONS * Math.sqrt(similarity * (1 - similarity) / KmerSketch.ENTRIES);
  }

  private long[] band(int number) {
    long[] entries = new long[sketches.length];
    for (int row = 0; row < entries.length; row++) {
      entries[row] = key(row, number) << 32 | row;
    }
    Arrays.sort(entries);
    return entries;
  }

  private long key(int row, int band) {
    return sketches[row].band(band * bandSize, bandSize);
  }

  /** Tells of every row once that shares a band with {@code row}. */
  private void candidates(int row, IntConsumer found) {
    BitSet seen = new BitSet(sketches.length);
    seen.set(row);
    for (int b = 0; b < bands.length; b++) {
      long[] band = bands[b];
      long key = key(row, b);
      int at = Arrays.binarySearch(band, key << 32);
      for (int i = at < 0 ? -at - 1 : at; i < band.length && band[i] >> 32 == key; i++) {
        int other = (int) band[i];
        if (!seen.get(other)) {
          seen.set(other);
          found.accept(other);
        }
      }
    }
  }

  /** The similarity of two rows, or 0 where it is below the limit. */
  private double verified(int row, int other) {
    KmerSketch a = sketches[row];
    KmerSketch b = sketches[other];
    if (a == b) {
      return 1;
    }
    if (a.estimate(b) < leastEstimate) {
      return 0;
    }
    double similarity = a.similarity(b);
    return similarity >= limit ? similarity : 0;
  }

  /**
   * Groups of sequences, each connected by similar pairs.
   *
   * @return by row the number of its group; groups are numbered in the order of their first rows
   */
  int[] groups() {
    int[] parent = IntStream.range(0, sketches.length).toArray();
    Map<KmerSketch, Integer> first = new HashMap<>();
    for (int row = 0; row < sketches.length; row++) {
      int same = first.getOrDefault(sketches[row], row);
      parent[row] = same;
      if (same == row) {
        first.put(sketches[row], row);
        int begin = row;
        candidates(
            row,
            other -> {
              if (other < begin
                  && root(parent, other) != root(parent, begin)
                  && verified(begin, other) > 0) {
                join(parent, begin, other);
              }
            });
      }
    }
    int[] groups = new int[sketches.length];
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int row = 0; row < groups.length; row++) {
      groups[row] = numbers.computeIfAbsent(root(parent, row), _ -> numbers.size());
    }
    return groups;
  }

  private static int root(int[] parent, int row) {
    int root = row;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  /** The lower row becomes the root. */
  private static void join(int[] parent, int row, int other) {
    int a = root(parent, row);
    int b = root(parent, other);
    parent[Math.max(a, b)] = Math.min(a, b);
  }

  /**
   * The row most similar to another, the first of equal ones.
   *
   * @param among the rows in question
   */
  Optional<Pair> nearest(int row, IntPredicate among) {
    List<Pair> estimates = new ArrayList<>();
    candidates(
        row,
        other -> {
          double estimate = sketches[row].estimate(sketches[other]);
          if (estimate >= leastEstimate && among.test(other)) {
            estimates.add(new Pair(row, other, estimate));
          }
        });
    // The likeliest first, so that most of the others need no verification.
    estimates.sort(Comparator.comparingDouble(Pair::similarity).reversed());
    Pair best = new Pair(row, row, 0);
    for (Pair estimate : estimates) {
      if (estimate.similarity() < best.similarity() - margin(best.similarity())) {
        break;
      }
      double similarity = verified(row, estimate.other());
      if (similarity > best.similarity()
          || (similarity == best.similarity() && estimate.other() < best.other())) {
        best = new Pair(row, estimate.other(), similarity);
      }
    }
    return best.similarity() > 0 ? Optional.of(best) : Optional.empty();
  }
}
