package org.codonfuse.training.metrics;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.codonfuse.CodonfuseException;

/**
 * How well classes are predicted, as scikit-learn defines it.
 *
 * @param accuracy share of rows whose class is predicted
 * @param balancedAccuracy mean recall of the classes that occur among the targets
 * @param macroF1 mean F1 of the classes that occur among targets or predictions
 * @param mcc Matthews correlation coefficient for any number of classes (Gorodkin 2004); 0 where
 *     the targets or the predictions are all of one class
 * @param aurocOvrMacro area under the ROC curve of each class against the rest, ties counting half,
 *     averaged over the classes that some but not all targets belong to; NaN if there is none,
 *     empty if only labels were predicted
 */
public record ClassificationMetrics(
    double accuracy,
    double balancedAccuracy,
    double macroF1,
    double mcc,
    OptionalDouble aurocOvrMacro) {
  /**
   * Measures logits: the predicted class is the one with the largest, the first of equal ones; the
   * AUROC ranks their softmax.
   *
   * @param target class index per row, at least one row
   * @param logits {@code [row][class]}
   * @throws CodonfuseException if a logit is not finite
   * @throws IllegalArgumentException if sizes do not match or a target is no class
   */
  public static ClassificationMetrics ofLogits(int[] target, double[][] logits) {
    return ClassificationSample.ofLogits(target, logits).metrics();
  }

  /**
   * What {@link #softmax} gives a probability back for where the logits of all classes are made of
   * theirs: its logarithm, at least that of the smallest number.
   */
  public static double logit(double probability) {
    return Math.log(Math.max(probability, Double.MIN_NORMAL));
  }

  /**
   * The probabilities of one row's logits, [class]. Their sum is taken in the order of the classes:
   * tied logits then tie as they do in NumPy.
   *
   * @param logits [class], at least one
   */
  public static double[] softmax(double[] logits) {
    double max = Arrays.stream(logits).max().orElseThrow();
    double[] probabilities = Arrays.stream(logits).map(x -> Math.exp(x - max)).toArray();
    double sum = 0;
    for (double exponential : probabilities) {
      sum += exponential;
    }
    for (int c = 0; c < probabilities.length; c++) {
      probabilities[c] /= sum;
    }
    return probabilities;
  }
}
