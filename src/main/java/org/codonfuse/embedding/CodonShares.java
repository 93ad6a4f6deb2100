package org.codonfuse.embedding;

import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokens;

/**
 * Brings numbers that add up over the tokens of a sequence to its codons: each token's is divided
 * evenly among the nucleotides that it stands for. What belongs to one or two trailing nucleotides
 * belongs to no codon.
 */
public final class CodonShares {
  private final Letters letters;

  private CodonShares(Letters letters) {
    this.letters = letters;
  }

  /**
   * For tokens of a molecule.
   *
   * @param code translates for proteins
   */
  public static CodonShares of(Molecule molecule, GeneticCode code) {
    return new CodonShares(Letters.of(molecule, code));
  }

  /**
   * Divides numbers among codons.
   *
   * @param values one per token that is not special; of a sequence that was cut fewer
   * @param codons number of codons wanted
   */
  public double[] divide(CodingSequence sequence, double[] values, int codons) {
    Tokens tokens = letters.tokens(sequence);
    double[] divided = new double[codons];
    for (int t = 0; t < values.length; t++) {
      int start = tokens.starts()[t];
      int end = tokens.ends()[t];
      for (int nucleotide = start; nucleotide < Math.min(end, 3 * codons); nucleotide++) {
        divided[nucleotide / 3] += values[t] / (end - start);
      }
    }
    return divided;
  }
}
