package org.codonfuse.sequence;

import java.util.List;

/**
 * One row of a data set.
 *
 * @param id its name in the input
 * @param sequence its mRNA
 * @param targets the values to predict, at least one: for classification the index of the class
 *     alone; NaN where one is not known
 * @param split its part in training
 * @param line of the file on which its sequence begins, from 1
 */
public record Example(
    String id, CodingSequence sequence, List<Double> targets, Split split, long line) {
  public Example {
    targets = List.copyOf(targets);
  }

  /** An example with one target. */
  public Example(String id, CodingSequence sequence, double target, Split split, long line) {
    this(id, sequence, List.of(target), split, line);
  }

  /** The target, where there is one; of several the first. */
  public double target() {
    return targets.getFirst();
  }

  /** The same example of another sequence. */
  public Example withSequence(CodingSequence other) {
    return new Example(id, other, targets, split, line);
  }
}
