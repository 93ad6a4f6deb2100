package org.codonfuse.design;

/**
 * What is predicted for a sequence, in the units of the target or as the probability of a class.
 *
 * @param value mean over the models
 * @param spread standard deviation (n − 1) among the models, NaN for one
 */
public record Prediction(double value, double spread) {}
