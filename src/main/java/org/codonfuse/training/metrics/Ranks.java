package org.codonfuse.training.metrics;

import org.hipparchus.stat.ranking.NaNStrategy;
import org.hipparchus.stat.ranking.NaturalRanking;
import org.hipparchus.stat.ranking.TiesStrategy;

/**
 * Average ranks of the values in samples of rows. The values are sorted once; the ranks within a
 * sample come from counting, which makes a thousand resamples of a large test split affordable.
 */
final class Ranks {
  /** Twice the average rank of each row among all rows: an integer, equal for ties. */
  private final int[] levels;

  Ranks(double[] values) {
    double[] ranks = new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE).rank(values);
    levels = new int[ranks.length];
    for (int i = 0; i < ranks.length; i++) {
      levels[i] = (int) Math.round(2 * ranks[i]);
    }
  }

  /** Ranks from 1 of the sampled rows among themselves, ties sharing their average. */
  double[] of(int[] rows) {
    int[] counts = new int[2 * levels.length + 1];
    for (int row : rows) {
      counts[levels[row]]++;
    }
    double[] rankOfLevel = new double[counts.length];
    int before = 0;
    for (int level = 0; level < counts.length; level++) {
      rankOfLevel[level] = before + (counts[level] + 1) / 2.0;
      before += counts[level];
    }
    double[] ranks = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      ranks[i] = rankOfLevel[levels[rows[i]]];
    }
    return ranks;
  }
}
