package org.codonfuse.training.metrics;

/**
 * A 95 % interval.
 *
 * @param low the 2.5th percentile
 * @param high the 97.5th percentile
 */
public record Interval(double low, double high) {}
