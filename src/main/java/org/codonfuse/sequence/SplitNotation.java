package org.codonfuse.sequence;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.UsageException;

/** How a {@link SplitPolicy} is written. */
final class SplitNotation {
  private static final Pattern SHARES =
      Pattern.compile("(random|stratified|cluster):([^,]+),([^,]+)(?:,([^,]+))?");
  private static final Pattern FOLD =
      Pattern.compile("(|stratified-|cluster-)kfold:(-?\\d{1,9})/(\\d{1,9})(?:,([^,]+))?");

  private SplitNotation() {}

  static SplitPolicy parse(String text, long seed) {
    String notation = text.toLowerCase(Locale.ROOT);
    Matcher shares = SHARES.matcher(notation);
    Matcher fold = FOLD.matcher(notation);
    if (notation.equals("auto")) {
      return new SplitPolicy.Auto(seed);
    }
    if (notation.equals("column")) {
      return new SplitPolicy.Column();
    }
    if (shares.matches() && fits(shares.group(1).equals("cluster"), shares.group(4))) {
      double train = number(text, shares.group(2));
      double validation = number(text, shares.group(3));
      return switch (shares.group(1)) {
        case "random" -> new SplitPolicy.Random(seed, train, validation);
        case "stratified" -> new SplitPolicy.Stratified(seed, train, validation);
        default ->
            new SplitPolicy.Cluster(seed, train, validation, similarity(text, shares.group(4)));
      };
    }
    if (fold.matches() && fits(fold.group(1).equals("cluster-"), fold.group(4))) {
      int number = Integer.parseInt(fold.group(2));
      int folds = Integer.parseInt(fold.group(3));
      return switch (fold.group(1)) {
        case "" -> new SplitPolicy.KFold(seed, folds, number);
        case "stratified-" -> new SplitPolicy.StratifiedKFold(seed, folds, number);
        default ->
            new SplitPolicy.ClusterKFold(seed, folds, number, similarity(text, fold.group(4)));
      };
    }
    throw unknown(text);
  }

  /** Only groups have a similarity. */
  private static boolean fits(boolean groups, String similarity) {
    return groups || similarity == null;
  }

  private static double similarity(String text, String given) {
    return given == null ? SimilarSequences.DEFAULT : number(text, given);
  }

  private static double number(String text, String part) {
    if (!CsvTable.isNumber(part)) {
      throw unknown(text);
    }
    return Double.parseDouble(part);
  }

  private static UsageException unknown(String text) {
    return new UsageException(
        "--split "
            + text
            + " is not understood; use auto, column, random:0.7,0.15, stratified:0.7,0.15,"
            + " cluster:0.7,0.15, kfold:0/5 (fold 0 of 5), stratified-kfold:0/5 or"
            + " cluster-kfold:0/5.");
  }
}
