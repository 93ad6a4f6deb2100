package org.codonfuse.design;

/**
 * What each choice at each position is estimated to be worth, as if effects added up: a guess that
 * every prediction corrects. Only differences within a position mean something.
 */
final class Effects {
  /** How much of what several changes were misjudged by is laid at their door. */
  private static final double CORRECTION = 0.5;

  private final SynonymousSpace space;
  private final double[][] worth;

  Effects(SynonymousSpace space) {
    this.space = space;
    this.worth = new double[space.positions()][];
    for (int i = 0; i < worth.length; i++) {
      worth[i] = new double[space.choices(i)];
    }
  }

  /** What a choice is worth more than a pick. */
  double gain(int[] picks, int position, int choice) {
    return worth[position][choice] - worth[position][picks[position]];
  }

  /** What all changes from one sequence to another are worth. */
  double gain(int[] from, int[] to) {
    double sum = 0;
    for (int i = 0; i < from.length; i++) {
      sum += gain(from, i, to[i]);
    }
    return sum;
  }

  /**
   * What choices are worth, less a price for each choice that a sequence does not have.
   *
   * @return [position][choice]
   */
  double[][] priced(int[] picks, double price) {
    double[][] scores = new double[worth.length][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = worth[i].clone();
      for (int c = 0; c < scores[i].length; c++) {
        scores[i][c] -= c == picks[i] ? 0 : price;
      }
    }
    return scores;
  }

  /** The same with a price for each choice that the original does not have. */
  double[][] pricedByChange(double price) {
    double[][] scores = new double[worth.length][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = worth[i].clone();
      for (int c = 0; c < scores[i].length; c++) {
        scores[i][c] -= space.isOriginal(i, c) ? 0 : price;
      }
    }
    return scores;
  }

  /** Corrects the worth of what differs between two sequences. */
  void learn(int[] from, int[] to, double gain) {
    int different = 0;
    for (int i = 0; i < from.length; i++) {
      different += from[i] == to[i] ? 0 : 1;
    }
    if (different == 0) {
      return;
    }
    double wrong = gain - gain(from, to);
    double share = different == 1 ? wrong : CORRECTION * wrong / different;
    for (int i = 0; i < from.length; i++) {
      if (from[i] != to[i]) {
        worth[i][to[i]] += share;
      }
    }
  }
}
