package org.codonfuse.sequence;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.hipparchus.stat.ranking.NaNStrategy;
import org.hipparchus.stat.ranking.NaturalRanking;
import org.hipparchus.stat.ranking.TiesStrategy;

/**
 * What rows can be divided by.
 *
 * @param table where they come from, for messages
 * @param targets their targets
 * @param sequences their whole sequences, whatever of them is read
 */
record Division(SequenceTable table, Targets targets, List<String> sequences) {
  /** Bins of the targets' ranks, if there are rows enough. */
  private static final int BINS = 10;

  /** One split per row. */
  List<Split> by(SplitPolicy.Random policy) {
    return Splits.random(policy, classes());
  }

  List<Split> by(SplitPolicy.KFold policy) {
    return Splits.kFold(policy, classes());
  }

  List<Split> by(SplitPolicy.Stratified policy) {
    return Splits.stratified(policy, strata());
  }

  List<Split> by(SplitPolicy.StratifiedKFold policy) {
    return Splits.kFold(
        new SplitPolicy.KFold(policy.seed(), policy.folds(), policy.fold()), strata());
  }

  List<Split> by(SplitPolicy.Cluster policy) {
    int[] groups = groups(policy.similarity());
    return requireAll(Splits.clustered(policy, groups), groups, policy.similarity());
  }

  List<Split> by(SplitPolicy.ClusterKFold policy) {
    int[] groups = groups(policy.similarity());
    return requireAll(Splits.clusteredKFold(policy, groups), groups, policy.similarity());
  }

  /** The class of each row, all 0 for regression. */
  private int[] classes() {
    return targets.task() == Task.REGRESSION
        ? new int[sequences.size()]
        : targets.values().stream().mapToInt(of -> of.getFirst().intValue()).toArray();
  }

  private int[] strata() {
    if (targets.task() == Task.CLASSIFICATION) {
      return classes();
    }
    int rows = sequences.size();
    double[] level = new double[rows];
    int[] known = new int[rows];
    for (int target = 0; target < targets.names().size(); target++) {
      addRanks(target, level, known);
    }
    int[] order =
        IntStream.range(0, rows)
            .boxed()
            .sorted(Comparator.comparingDouble(row -> level[row] / known[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    int bins = Math.clamp(rows / BINS, 1, BINS);
    int[] strata = new int[rows];
    for (int i = 0; i < rows; i++) {
      strata[order[i]] = (int) ((long) i * bins / rows);
    }
    return strata;
  }

  /** Adds where in the range of a target, from 0 to 1, the rows are that have it. */
  private void addRanks(int target, double[] level, int[] known) {
    int[] rows =
        IntStream.range(0, level.length)
            .filter(row -> !targets.values().get(row).get(target).isNaN())
            .toArray();
    double[] ranks =
        new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE)
            .rank(
                Arrays.stream(rows)
                    .mapToDouble(row -> targets.values().get(row).get(target))
                    .toArray());
    for (int i = 0; i < rows.length; i++) {
      level[rows[i]] += ranks[i] / rows.length;
      known[rows[i]]++;
    }
  }

  private int[] groups(double similarity) {
    return new SimilarSequences(sequences, similarity).groups();
  }

  private List<Split> requireAll(List<Split> splits, int[] groups, double similarity) {
    for (Split split : Split.values()) {
      if (!splits.contains(split)) {
        int[] sizes = new int[groups.length];
        Arrays.stream(groups).forEach(group -> sizes[group]++);
        throw new CodonfuseException(
            ("%s: %d of the %d sequences are one group at a similarity of %s, which leaves none for"
                    + " the %s split; group at a higher similarity, as in cluster:0.7,0.15,0.8.")
                .formatted(
                    table.source(),
                    Arrays.stream(sizes).max().orElseThrow(),
                    groups.length,
                    similarity,
                    split.label()));
      }
    }
    return splits;
  }
}
