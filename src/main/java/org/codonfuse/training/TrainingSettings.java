package org.codonfuse.training;

/**
 * The training protocol (BioLangFusion, List 3).
 *
 * @param epochs at most so many
 * @param batchSize sequences per step
 * @param learningRate Adam's, to begin with
 * @param weightDecay L2 penalty in the gradient
 * @param patience epochs without a lower validation loss before training stops
 * @param plateauPatience epochs without a lower validation loss before the learning rate is lowered
 * @param plateauFactor what it is multiplied by then
 * @param seed of initialisation, order and dropout
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    double learningRate,
    double weightDecay,
    int patience,
    int plateauPatience,
    double plateauFactor,
    long seed) {
  /** The paper's patience of the learning rate. */
  public static final int PLATEAU_PATIENCE = 5;

  /** The paper's factor of the learning rate. */
  public static final double PLATEAU_FACTOR = 0.1;

  /**
   * @throws IllegalArgumentException if no training could follow them
   */
  public TrainingSettings {
    if (epochs < 1 || batchSize < 1 || patience < 1 || plateauPatience < 0) {
      throw new IllegalArgumentException(
          "epochs %d, batch %d, patience %d and %d"
              .formatted(epochs, batchSize, patience, plateauPatience));
    }
    if (!(learningRate > 0 && weightDecay >= 0 && plateauFactor > 0 && plateauFactor < 1)) {
      throw new IllegalArgumentException(
          "learning rate %s, weight decay %s, factor %s"
              .formatted(learningRate, weightDecay, plateauFactor));
    }
  }
}
