package org.codonfuse.sequence;

/**
 * A clean mRNA read in frame 0, from which the DNA and the protein are derived, so that codon i is
 * nucleotides [3i, 3i+3) of {@code rna} and {@code dna()} and residue i of {@code protein(…)}.
 *
 * @param id its name in the input
 * @param rna upper-case IUPAC nucleotide codes with U for T
 */
public record CodingSequence(String id, String rna) {
  /**
   * @throws IllegalArgumentException if {@code rna} is not clean; {@link SequenceCleaner} cleans
   */
  public CodingSequence {
    for (int i = 0; i < rna.length(); i++) {
      char c = rna.charAt(i);
      if (c == 'T' || Nucleotides.bases(c) == 0) {
        throw new IllegalArgumentException(
            "'" + c + "' at position " + (i + 1) + " of " + id + " is not a clean RNA code");
      }
    }
  }

  /** The number of nucleotides T. */
  public int length() {
    return rna.length();
  }

  /** The number of codons C = ⌊T/3⌋; 1 or 2 trailing nucleotides carry none. */
  public int codons() {
    return rna.length() / 3;
  }

  /** The coding strand as DNA, of the same length. */
  public String dna() {
    return rna.replace('U', 'T');
  }

  /**
   * The translation, always {@link #codons()} residues: internal and terminal stops stay as {@code
   * *} in their place.
   */
  public String protein(GeneticCode code) {
    var residues = new StringBuilder(codons());
    for (int i = 0; i < codons(); i++) {
      residues.append(code.translate(rna, 3 * i));
    }
    return residues.toString();
  }

  /** The sequence as a molecule's own letters; {@code code} translates the protein. */
  public String as(Molecule molecule, GeneticCode code) {
    return switch (molecule) {
      case DNA -> dna();
      case RNA -> rna;
      case PROTEIN -> protein(code);
    };
  }

  /**
   * This sequence if it has at most {@code maxNucleotides}, otherwise its prefix of that length.
   * Where several encoders read the same sequence, the limit is a multiple of 3, so that every
   * stream ends with the same codon.
   *
   * @throws IllegalArgumentException if not even one codon would be left
   */
  public CodingSequence truncate(int maxNucleotides) {
    if (maxNucleotides < 3) {
      throw new IllegalArgumentException("a limit of " + maxNucleotides + " nt leaves no codon");
    }
    return length() <= maxNucleotides
        ? this
        : new CodingSequence(id, rna.substring(0, maxNucleotides));
  }
}
