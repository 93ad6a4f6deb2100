package org.codonfuse.training;

import org.codonfuse.compute.Precision;

/**
 * The training protocol (BioLangFusion, List 3), and what may be changed in it.
 *
 * @param epochs at most so many
 * @param batchSize sequences per step
 * @param microBatch sequences computed at once, whose gradients are accumulated until the batch is
 *     done; 0 if that is the batch
 * @param bucket whether batches are of sequences of similar length
 * @param learningRate Adam's, to begin with
 * @param schedule how it changes
 * @param weightDecay L2 penalty in the gradient
 * @param clipNorm what the norm of all gradients together is limited to, 0 if it is not
 * @param patience epochs without a lower validation loss before training stops
 * @param precision of the products in a step; parameters, and all that is measured, are float32
 * @param seed of initialisation, order and dropout
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    int microBatch,
    boolean bucket,
    double learningRate,
    ScheduleSettings schedule,
    double weightDecay,
    double clipNorm,
    int patience,
    Precision precision,
    long seed) {
  /** The paper's patience of the learning rate. */
  public static final int PLATEAU_PATIENCE = 5;

  /** The paper's factor of the learning rate. */
  public static final double PLATEAU_FACTOR = 0.1;

  /**
   * @throws IllegalArgumentException if no training could follow them
   */
  public TrainingSettings {
    if (epochs < 1 || batchSize < 1 || microBatch < 0 || patience < 1) {
      throw new IllegalArgumentException(
          "epochs %d, batch %d of %d, patience %d"
              .formatted(epochs, batchSize, microBatch, patience));
    }
    if (!(learningRate > 0 && weightDecay >= 0 && clipNorm >= 0)) {
      throw new IllegalArgumentException(
          "learning rate %s, weight decay %s, norm %s"
              .formatted(learningRate, weightDecay, clipNorm));
    }
    if (precision == Precision.FLOAT16) {
      throw new IllegalArgumentException("float16 would need scaled gradients");
    }
  }

  /**
   * The paper's protocol with these numbers, in float32.
   *
   * @param plateauPatience see {@link ScheduleSettings}
   * @param plateauFactor see {@link ScheduleSettings}
   */
  public TrainingSettings(
      int epochs,
      int batchSize,
      double learningRate,
      double weightDecay,
      int patience,
      int plateauPatience,
      double plateauFactor,
      long seed) {
    this(
        epochs,
        batchSize,
        0,
        false,
        learningRate,
        ScheduleSettings.plateau(plateauPatience, plateauFactor),
        weightDecay,
        0,
        patience,
        Precision.FLOAT32,
        seed);
  }

  /** How many sequences are computed at once. */
  public int sequencesAtOnce() {
    return microBatch == 0 ? batchSize : Math.min(microBatch, batchSize);
  }

  /**
   * The same where a batch is computed in parts that are no larger than the share of a process.
   * Dropout is drawn by part, so that one process with this {@code microBatch} does the same.
   */
  public TrainingSettings sharedBy(int processes) {
    if (processes == 1) {
      return this;
    }
    return new TrainingSettings(
        epochs,
        batchSize,
        Math.min(sequencesAtOnce(), Math.ceilDiv(batchSize, processes)),
        bucket,
        learningRate,
        schedule,
        weightDecay,
        clipNorm,
        patience,
        precision,
        seed);
  }

  /** The same with another seed. */
  public TrainingSettings withSeed(long other) {
    return new TrainingSettings(
        epochs,
        batchSize,
        microBatch,
        bucket,
        learningRate,
        schedule,
        weightDecay,
        clipNorm,
        patience,
        precision,
        other);
  }
}
