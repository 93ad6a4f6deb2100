package org.codonfuse.sequence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Divides rows at random. The same seed and strata give the same division: rows of a stratum are
 * shuffled (Fisher–Yates, {@link SplittableRandom}, strata in ascending order) and cut by share or
 * dealt into folds.
 */
public final class Splits {
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
        splits[row] =
            fold == policy.fold()
                ? Split.TEST
                : fold == (policy.fold() + 1) % policy.folds() ? Split.VALIDATION : Split.TRAIN;
      }
    }
    return Arrays.asList(splits);
  }

  private static Iterable<List<Integer>> shuffled(long seed, int[] strata) {
    var rows = new TreeMap<Integer, List<Integer>>();
    for (int row = 0; row < strata.length; row++) {
      rows.computeIfAbsent(strata[row], _ -> new ArrayList<>()).add(row);
    }
    var random = new SplittableRandom(seed);
    for (List<Integer> stratum : rows.values()) {
      for (int i = stratum.size() - 1; i > 0; i--) {
        stratum.set(i, stratum.set(random.nextInt(i + 1), stratum.get(i)));
      }
    }
    return rows.values();
  }
}
