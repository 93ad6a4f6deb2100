package org.codonfuse.sequence;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sequences of one split that have near-duplicates in the training split: what is measured on them
 * is better than on sequences that are new.
 *
 * @param split validation or test
 * @param sequences in that split
 * @param identical those that are in training too
 * @param similar those that have a near-duplicate in training, the identical ones among them
 * @param median the median similarity of these to the nearest training sequence; 0 if there are
 *     none
 * @param worst the most similar pairs
 */
public record Leakage(
    Split split, int sequences, int identical, int similar, double median, List<Pair> worst) {
  private static final int SHOWN = 5;

  public Leakage {
    worst = List.copyOf(worst);
  }

  /**
   * A sequence and the one in training that is most like it.
   *
   * @param id of the sequence
   * @param training id of the one in training
   * @param similarity the Jaccard index of their 10-mers
   */
  public record Pair(String id, String training, double similarity) {}

  static Leakage of(Dataset dataset, Split split, SimilarSequences similarity) {
    List<Example> examples = dataset.examples();
    int[] rows = dataset.indices(split);
    List<SimilarSequences.Pair> nearest =
        Arrays.stream(rows)
            .parallel()
            .mapToObj(
                row -> similarity.nearest(row, other -> examples.get(other).split() == Split.TRAIN))
            .flatMap(Optional::stream)
            .sorted(Comparator.comparingDouble(SimilarSequences.Pair::similarity).reversed())
            .toList();
    List<Pair> worst =
        nearest.stream()
            .limit(SHOWN)
            .map(
                pair ->
                    new Pair(
                        examples.get(pair.row()).id(),
                        examples.get(pair.other()).id(),
                        pair.similarity()))
            .toList();
    int identical = (int) nearest.stream().filter(pair -> areEqual(examples, pair)).count();
    double median = nearest.isEmpty() ? 0 : nearest.get(nearest.size() / 2).similarity();
    return new Leakage(split, rows.length, identical, nearest.size(), median, worst);
  }

  private static boolean areEqual(List<Example> examples, SimilarSequences.Pair pair) {
    return Stream.of(pair.row(), pair.other())
            .map(row -> examples.get(row).sequence().rna())
            .distinct()
            .count()
        == 1;
  }

  /** All of it, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("sequences", sequences);
    map.put("identical_in_training", identical);
    map.put("near_duplicates_in_training", similar);
    map.put("median_similarity", similar == 0 ? null : median);
    map.put("worst", worst);
    return map;
  }
}
