package org.codonfuse.sequence;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.UsageException;

/** How the rows are divided into training, validation and test. */
public sealed interface SplitPolicy {
  /**
   * Reads the notation of {@code --split}: {@code auto}, {@code column}, {@code
   * random:TRAIN,VALIDATION} with shares, or {@code kfold:FOLD/FOLDS}, in any case.
   *
   * @param seed of what is random
   * @throws UsageException if the text is none of them or cannot be
   */
  static SplitPolicy parse(String text, long seed) {
    String notation = text.toLowerCase(Locale.ROOT);
    Matcher random = Pattern.compile("random:([^,]+),([^,]+)").matcher(notation);
    Matcher kFold = Pattern.compile("kfold:(-?\\d{1,9})/(\\d{1,9})").matcher(notation);
    if (notation.equals("auto")) {
      return new Auto(seed);
    }
    if (notation.equals("column")) {
      return new Column();
    }
    if (kFold.matches()) {
      return new KFold(seed, Integer.parseInt(kFold.group(2)), Integer.parseInt(kFold.group(1)));
    }
    if (random.matches()
        && CsvTable.isNumber(random.group(1))
        && CsvTable.isNumber(random.group(2))) {
      return new Random(
          seed, Double.parseDouble(random.group(1)), Double.parseDouble(random.group(2)));
    }
    throw new UsageException(
        "--split "
            + text
            + " is not understood; use auto, column, random:0.7,0.15 or kfold:0/5 (fold 0 of 5).");
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
}
