package org.codonfuse.sequence;

import java.util.Locale;
import org.codonfuse.UsageException;

/** How the rows are divided into training, validation and test. */
public sealed interface SplitPolicy {
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
      if (!(train > 0 && validation > 0 && train + validation < 1)) {
        throw new UsageException(
            "split shares "
                + train
                + " and "
                + validation
                + " leave nothing for a part; give two numbers above 0 with a sum below 1.");
      }
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

  /**
   * Reads the notation of {@code --split}: {@code auto}, {@code column}, {@code
   * random:TRAIN,VALIDATION} or {@code kfold:FOLD/FOLDS}.
   *
   * @throws UsageException for anything else
   */
  static SplitPolicy parse(String text, long seed) {
    String lower = text.toLowerCase(Locale.ROOT);
    String[] parts = lower.split("[:,/]", -1);
    try {
      if (lower.equals("auto")) {
        return new Auto(seed);
      } else if (lower.equals("column")) {
        return new Column();
      } else if (lower.matches("random:[^:,/]+,[^:,/]+")) {
        return new Random(seed, Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
      } else if (lower.matches("kfold:\\d+/\\d+")) {
        return new KFold(seed, Integer.parseInt(parts[2]), Integer.parseInt(parts[1]));
      }
    } catch (NumberFormatException _) {
      // Said below, as for every other notation that is none.
    }
    throw new UsageException(
        "--split "
            + text
            + " is not understood; use auto, column, random:0.7,0.15 or kfold:0/5 (fold 0 of 5).");
  }
}
