package org.codonfuse.training;

import org.codonfuse.compute.HostRead;
import org.codonfuse.parameters.Parameters;

/**
 * Two stages over the same examples, such as a head alone and then all together.
 *
 * @param first the learner of the first stage
 * @param epochs how many that has
 * @param second the learner of all epochs after them, which understands parts of both
 * @param <P> a part of a batch
 */
public record StagedLearner<P extends Learner.Part>(Learner<P> first, int epochs, Learner<P> second)
    implements Learner<P> {
  /**
   * @throws IllegalArgumentException if they have different numbers of examples
   */
  public StagedLearner {
    if (first.size() != second.size()) {
      throw new IllegalArgumentException(first.size() + " and " + second.size() + " examples");
    }
  }

  private Learner<P> at(int epoch) {
    return epoch <= epochs ? first : second;
  }

  @Override
  public int terms() {
    return second.terms();
  }

  @Override
  public int size() {
    return second.size();
  }

  @Override
  public int length(int example) {
    return second.length(example);
  }

  @Override
  public String name(int example) {
    return second.name(example);
  }

  @Override
  public int firstStage() {
    return epochs;
  }

  @Override
  public double rateFactor(String parameter) {
    return second.rateFactor(parameter);
  }

  @Override
  public String remedy() {
    return second.remedy();
  }

  @Override
  public P gather(int epoch, int[] members) {
    return at(epoch).gather(epoch, members);
  }

  @Override
  public HostRead accumulate(Step step, Parameters parameters, P part, double[] shares) {
    return second.accumulate(step, parameters, part, shares);
  }

  @Override
  public Evaluation evaluate(int epoch, Parameters parameters) {
    return at(epoch).evaluate(epoch, parameters);
  }
}
