package org.codonfuse.alignment;

import org.codonfuse.sequence.Molecule;

/** What one row of a stream of embeddings stands for. */
public enum Granularity {
  /** One token of the encoder, as it is. */
  TOKEN(0),
  /** One codon: three nucleotides. */
  CODON(3),
  /** One window of six nucleotides, two codons, that a transposed convolution takes apart. */
  WINDOW(6);

  private final int nucleotides;

  Granularity(int nucleotides) {
    this.nucleotides = nucleotides;
  }

  /** Nucleotides that a row covers; 0 for {@link #TOKEN}, where it varies. */
  public int nucleotides() {
    return nucleotides;
  }

  /** The rows that a molecule brings into codon alignment: DNA tokens span two codons. */
  public static Granularity aligned(Molecule molecule) {
    return molecule == Molecule.DNA ? WINDOW : CODON;
  }
}
