package org.codonfuse.sequence;

/** The 64 codons by index, in the order of NCBI's tables: UUU, UUC, UUA, UUG, UCU, …, GGG. */
public final class Codons {
  /** How many there are. */
  public static final int COUNT = 64;

  private static final String BASES = "UCAG";

  private Codons() {}

  /**
   * The index of a codon.
   *
   * @param rna clean nucleotides, see {@link CodingSequence}
   * @param start of its first nucleotide
   * @return −1 if one of its nucleotides is ambiguous
   */
  public static int index(String rna, int start) {
    int index = 0;
    for (int i = start; i < start + 3; i++) {
      int base = base(rna.charAt(i));
      if (base < 0) {
        return -1;
      }
      index = index * BASES.length() + base;
    }
    return index;
  }

  /** The letters of a codon, such as {@code AUG}. */
  public static String letters(int index) {
    return "" + BASES.charAt(index / 16) + BASES.charAt(index / 4 % 4) + BASES.charAt(index % 4);
  }

  /**
   * The index of a base in {@code UCAG}.
   *
   * @return −1 if the code stands for several
   */
  public static int base(char code) {
    int set = Nucleotides.bases(code);
    return Integer.bitCount(set) == 1 ? Integer.numberOfTrailingZeros(set) : -1;
  }
}
