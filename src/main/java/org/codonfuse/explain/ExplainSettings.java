package org.codonfuse.explain;

import java.util.List;

/**
 * What is to be explained and how.
 *
 * @param method of the attributions
 * @param steps Gauss–Legendre points of integrated gradients
 * @param baseline what attributions are relative to
 * @param ids the sequences that codons are attributed and exchanged of; empty: a sample
 * @param attributed how many sequences a sample has for attributions
 * @param mutated how many of those their codons are exchanged of
 * @param missense whether codons of other amino acids are tried as well
 * @param seed draws the sample
 */
public record ExplainSettings(
    AttributionMethod method,
    int steps,
    Baseline baseline,
    List<String> ids,
    int attributed,
    int mutated,
    boolean missense,
    long seed) {
  /** The points of the integral, as usual. */
  public static final int STEPS = 50;

  public ExplainSettings {
    ids = List.copyOf(ids);
  }

  /** These settings without exchanged codons. */
  public ExplainSettings withoutMutations() {
    return new ExplainSettings(method, steps, baseline, ids, attributed, 0, missense, seed);
  }

  /** These settings with another method. */
  public ExplainSettings withMethod(AttributionMethod value) {
    return new ExplainSettings(value, steps, baseline, ids, attributed, mutated, missense, seed);
  }
}
