package org.codonfuse.sequence;

/**
 * One row of a data set.
 *
 * @param id its name in the input
 * @param sequence its mRNA
 * @param target the value to predict, for classification the index of the class; NaN where it is
 *     not known
 * @param split its part in training
 * @param line of the file on which its sequence begins, from 1
 */
public record Example(String id, CodingSequence sequence, double target, Split split, long line) {}
