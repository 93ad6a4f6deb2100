package org.codonfuse.baseline;

import java.util.List;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;

/**
 * Length and its logarithm, the share of G and C in the whole sequence and at each position of the
 * codons (GC3 is the third). Ambiguous nucleotides do not count.
 */
public record LengthAndGc() implements SequenceFeatures {
  /** Its name. */
  public static final String NAME = "length-gc";

  /** C and G in the order UCAG. */
  private static final int C = 1;

  private static final int G = 3;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> columns() {
    return List.of("length", "log_length", "gc", "gc1", "gc2", "gc3");
  }

  @Override
  public double[] of(CodingSequence sequence) {
    double[] strong = new double[3];
    double[] known = new double[3];
    String rna = sequence.rna();
    for (int i = 0; i < rna.length(); i++) {
      int base = Codons.base(rna.charAt(i));
      known[i % 3] += base < 0 ? 0 : 1;
      strong[i % 3] += base == C || base == G ? 1 : 0;
    }
    return new double[] {
      rna.length(),
      Math.log(Math.max(1, rna.length())),
      share(strong[0] + strong[1] + strong[2], known[0] + known[1] + known[2]),
      share(strong[0], known[0]),
      share(strong[1], known[1]),
      share(strong[2], known[2])
    };
  }

  private static double share(double part, double of) {
    return of == 0 ? 0 : part / of;
  }
}
