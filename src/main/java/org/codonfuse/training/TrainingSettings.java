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
    long seed) {}
