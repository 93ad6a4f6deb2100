package org.codonfuse.design;

import java.util.List;
import org.codonfuse.sequence.CodingSequence;

/**
 * A sequence for the same protein that the models predict more, or less, for.
 *
 * @param original what it was made from
 * @param designed the sequence, named like the original
 * @param before what is predicted for the original
 * @param after what is predicted for the design
 * @param changes the codons that differ, the largest gain first
 * @param repaired how many changes the constraints alone need
 * @param evaluations number of sequences that were predicted for
 * @param rounds of the search
 */
public record Design(
    CodingSequence original,
    CodingSequence designed,
    Prediction before,
    Prediction after,
    List<Change> changes,
    int repaired,
    int evaluations,
    int rounds) {
  public Design {
    changes = List.copyOf(changes);
  }

  /** The share of G and C in the original. */
  public double gcBefore() {
    return share(original);
  }

  /** The share of G and C in the design. */
  public double gcAfter() {
    return share(designed);
  }

  private static double share(CodingSequence sequence) {
    return (double) Constraints.gc(sequence.rna()) / sequence.length();
  }

  /**
   * A codon that differs.
   *
   * @param position of the codon, from 1
   * @param from letters of the original, RNA
   * @param to letters of the design
   * @param aminoAcid one letter, {@code *} for a stop
   * @param alone what the prediction for the original changes by with this change alone
   * @param cumulative what is predicted with this change and all before it
   */
  public record Change(
      int position, String from, String to, char aminoAcid, double alone, double cumulative) {}
}
