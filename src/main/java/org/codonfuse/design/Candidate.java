package org.codonfuse.design;

/**
 * A sequence of the space that satisfies all constraints.
 *
 * @param picks its choices, not to be changed
 * @param rna its letters
 * @param merit how good it is, see {@link Evaluations#merit}; of a proposal the estimate
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by its letters.
record Candidate(int[] picks, String rna, double merit) {}
