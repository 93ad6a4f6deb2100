package org.codonfuse.training;

/**
 * One pass over the training split.
 *
 * @param number from 1
 * @param learningRate used in it
 * @param trainingLoss mean over its batches, dropout on
 * @param validationLoss on the validation split after it, in units of standardised targets
 * @param validationMetric Spearman's correlation or accuracy there
 * @param seconds it took
 */
public record Epoch(
    int number,
    double learningRate,
    double trainingLoss,
    double validationLoss,
    double validationMetric,
    double seconds) {}
