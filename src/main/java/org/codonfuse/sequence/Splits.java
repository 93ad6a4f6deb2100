package org.codonfuse.sequence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Divides rows at random. The same seed and strata or groups give the same division: rows of a
 * stratum are shuffled (Fisher–Yates, {@link SplittableRandom}, strata in ascending order) and cut
 * by share or dealt into folds; groups go whole where there is room, the largest first.
 */
public final class Splits {
  private static final List<Split> PARTS = List.of(Split.TRAIN, Split.VALIDATION, Split.TEST);

  private Splits() {}

  /**
   * One split per row.
   *
   * @param strata the class of each row, all 0 for regression
   */
  public static List<Split> random(SplitPolicy.Random policy, int[] strata) {
    var splits = new Split[strata.length];
    for (List<Integer> stratum : shuffled(policy.seed(), strata)) {
      long train = Math.round(stratum.size() * policy.train());
      long notTest = Math.round(stratum.size() * (policy.train() + policy.validation()));
      for (int i = 0; i < stratum.size(); i++) {
        splits[stratum.get(i)] =
            i < train ? Split.TRAIN : i < notTest ? Split.VALIDATION : Split.TEST;
      }
    }
    return Arrays.asList(splits);
  }

  /**
   * One split per row.
   *
   * @param strata the class of each row, all 0 for regression
   */
  public static List<Split> kFold(SplitPolicy.KFold policy, int[] strata) {
    var splits = new Split[strata.length];
    int dealt = 0;
    for (List<Integer> stratum : shuffled(policy.seed(), strata)) {
      for (int row : stratum) {
        int fold = dealt++ % policy.folds();
        splits[row] = ofFold(fold, policy.fold(), policy.folds());
      }
    }
    return Arrays.asList(splits);
  }

  /**
   * One split per row; of every stratum each split has its share, and all of them together too, to
   * one row.
   *
   * @param strata the stratum of each row
   */
  static List<Split> stratified(SplitPolicy.Stratified policy, int[] strata) {
    var splits = new Split[strata.length];
    int rows = 0;
    long trained = 0;
    long validated = 0;
    for (List<Integer> stratum : shuffled(policy.seed(), strata)) {
      rows += stratum.size();
      long train = Math.round(rows * policy.train()) - trained;
      // Where all of a small stratum is trained on, a later one makes up for it.
      long notTest =
          Math.max(
              train,
              Math.round(rows * (policy.train() + policy.validation())) - trained - validated);
      for (int i = 0; i < stratum.size(); i++) {
        splits[stratum.get(i)] =
            i < train ? Split.TRAIN : i < notTest ? Split.VALIDATION : Split.TEST;
      }
      trained += train;
      validated += notTest - train;
    }
    return Arrays.asList(splits);
  }

  /**
   * One split per row, rows of a group in the same one. A group goes to one of the splits that it
   * fits into, more likely where more room is, or to the one with most room.
   *
   * @param groups the group of each row
   */
  static List<Split> clustered(SplitPolicy.Cluster policy, int[] groups) {
    long train = Math.round(groups.length * policy.train());
    long notTest = Math.round(groups.length * (policy.train() + policy.validation()));
    long[] room = {train, notTest - train, groups.length - notTest};
    var random = new SplittableRandom(policy.seed());
    var splits = new Split[groups.length];
    for (List<Integer> group : largestFirst(random, groups)) {
      int chosen = choose(random, room, group.size());
      room[chosen] -= group.size();
      group.forEach(row -> splits[row] = PARTS.get(chosen));
    }
    return Arrays.asList(splits);
  }

  private static int choose(SplittableRandom random, long[] room, int size) {
    long fitting = Arrays.stream(room).filter(left -> left >= size).sum();
    if (fitting == 0) {
      return indexOfMost(room);
    }
    long drawn = random.nextLong(fitting);
    int chosen = -1;
    do {
      chosen++;
      drawn -= room[chosen] >= size ? room[chosen] : 0;
    } while (drawn >= 0);
    return chosen;
  }

  /**
   * One split per row, rows of a group in the same fold. A group goes to the fold with fewest rows.
   *
   * @param groups the group of each row
   */
  static List<Split> clusteredKFold(SplitPolicy.ClusterKFold policy, int[] groups) {
    long[] room = new long[policy.folds()];
    var splits = new Split[groups.length];
    for (List<Integer> group : largestFirst(new SplittableRandom(policy.seed()), groups)) {
      int fold = indexOfMost(room);
      room[fold] -= group.size();
      group.forEach(row -> splits[row] = ofFold(fold, policy.fold(), policy.folds()));
    }
    return Arrays.asList(splits);
  }

  private static Split ofFold(int fold, int tested, int folds) {
    return fold == tested
        ? Split.TEST
        : fold == (tested + 1) % folds ? Split.VALIDATION : Split.TRAIN;
  }

  private static int indexOfMost(long[] values) {
    int most = 0;
    for (int i = 1; i < values.length; i++) {
      most = values[i] > values[most] ? i : most;
    }
    return most;
  }

  private static List<List<Integer>> largestFirst(SplittableRandom random, int[] groups) {
    var rows = new TreeMap<Integer, List<Integer>>();
    for (int row = 0; row < groups.length; row++) {
      rows.computeIfAbsent(groups[row], _ -> new ArrayList<>()).add(row);
    }
    var shuffled = new ArrayList<>(rows.values());
    shuffle(random, shuffled);
    shuffled.sort(Comparator.comparingInt((List<Integer> group) -> group.size()).reversed());
    return shuffled;
  }

  private static Iterable<List<Integer>> shuffled(long seed, int[] strata) {
    var rows = new TreeMap<Integer, List<Integer>>();
    for (int row = 0; row < strata.length; row++) {
      rows.computeIfAbsent(strata[row], _ -> new ArrayList<>()).add(row);
    }
    var random = new SplittableRandom(seed);
    rows.values().forEach(stratum -> shuffle(random, stratum));
    return rows.values();
  }

  private static <T> void shuffle(SplittableRandom random, List<T> list) {
    for (int i = list.size() - 1; i > 0; i--) {
      list.set(i, list.set(random.nextInt(i + 1), list.get(i)));
    }
  }
}
