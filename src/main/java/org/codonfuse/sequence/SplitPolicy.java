package org.codonfuse.sequence;

import org.codonfuse.UsageException;

/** How the rows are divided into training, validation and test. */
public sealed interface SplitPolicy {
  /**
   * Reads the notation of {@code --split}, in any case: {@code auto}, {@code column}, {@code
   * random:TRAIN,VALIDATION}, {@code stratified:TRAIN,VALIDATION} and {@code
   * cluster:TRAIN,VALIDATION[,SIMILARITY]} with shares, or {@code kfold:FOLD/FOLDS}, {@code
   * stratified-kfold:FOLD/FOLDS} and {@code cluster-kfold:FOLD/FOLDS[,SIMILARITY]}.
   *
   * @param seed of what is random
   * @throws UsageException if the text is none of them or cannot be
   */
  static SplitPolicy parse(String text, long seed) {
    return SplitNotation.parse(text, seed);
  }

  /** The split column if there is one, otherwise random 70/15/15. */
  record Auto(long seed) implements SplitPolicy {}

  /** The split column, which must be there. */
  record Column() implements SplitPolicy {}

  /**
   * Random, stratified by class for classification.
   *
   * @param seed the same seed divides the same file in the same way
   * @param train the share of training rows, above 0
   * @param validation the share of validation rows, above 0; the rest, above 0 too, is the test
   */
  record Random(long seed, double train, double validation) implements SplitPolicy {
    /**
     * @throws UsageException if a share is not above 0
     */
    public Random {
      requireShares(train, validation);
    }
  }

  /**
   * Random, with every class or every tenth of the targets' range (by rank; of several targets by
   * their mean rank) in every split as often as its share, to one row.
   *
   * @param seed see {@link Random}
   * @param train see {@link Random}
   * @param validation see {@link Random}
   */
  record Stratified(long seed, double train, double validation) implements SplitPolicy {
    /**
     * @throws UsageException if a share is not above 0
     */
    public Stratified {
      requireShares(train, validation);
    }
  }

  /**
   * Random by groups of similar sequences, none of which is in two splits: the sequences that are
   * connected by pairs of at least {@code similarity}. The shares are kept as far as the groups
   * allow.
   *
   * @param seed see {@link Random}
   * @param train see {@link Random}
   * @param validation see {@link Random}
   * @param similarity see {@link SimilarSequences}
   */
  record Cluster(long seed, double train, double validation, double similarity)
      implements SplitPolicy {
    /**
     * @throws UsageException if a share is not above 0 or the similarity is out of range
     */
    public Cluster {
      requireShares(train, validation);
      SimilarSequences.requireLimit(similarity);
    }
  }

  /**
   * One round of a cross-validation: fold {@code fold} of {@code folds} is the test, the next one
   * (cyclically) the validation, the others the training; stratified by class for classification.
   */
  record KFold(long seed, int folds, int fold) implements SplitPolicy {
    /**
     * @throws UsageException if there are fewer than 3 folds or no such fold
     */
    public KFold {
      requireFold(folds, fold);
    }
  }

  /** As {@link KFold}, with the strata of {@link Stratified} dealt evenly to the folds. */
  record StratifiedKFold(long seed, int folds, int fold) implements SplitPolicy {
    /**
     * @throws UsageException if there are fewer than 3 folds or no such fold
     */
    public StratifiedKFold {
      requireFold(folds, fold);
    }
  }

  /** As {@link KFold}, with the groups of {@link Cluster} whole in one fold. */
  record ClusterKFold(long seed, int folds, int fold, double similarity) implements SplitPolicy {
    /**
     * @throws UsageException if there are fewer than 3 folds or no such fold, or the similarity is
     *     out of range
     */
    public ClusterKFold {
      requireFold(folds, fold);
      SimilarSequences.requireLimit(similarity);
    }
  }

  private static void requireShares(double train, double validation) {
    if (!(train > 0 && validation > 0 && train + validation < 1)) {
      throw new UsageException(
          "split shares "
              + train
              + " and "
              + validation
              + " leave nothing for a part; give two numbers above 0 with a sum below 1.");
    }
  }

  private static void requireFold(int folds, int fold) {
    if (folds < 3 || fold < 0 || fold >= folds) {
      throw new UsageException(
          "fold "
              + fold
              + " of "
              + folds
              + " cannot be; give at least 3 folds and count them from 0.");
    }
  }
}
