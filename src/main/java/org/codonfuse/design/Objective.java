package org.codonfuse.design;

import java.util.List;

/** Predicts for sequences what a design is to raise or lower. */
@FunctionalInterface
public interface Objective {
  /**
   * Predicts.
   *
   * @param rna clean sequences, each a synonymous variant of one
   * @return a prediction each, in their order
   */
  List<Prediction> predict(List<String> rna);

  /**
   * A number that grows with a predicted value and to which changes of several codons add up better
   * than to the value itself, such as the logit of a probability.
   */
  default double additive(double value) {
    return value;
  }
}
