package org.codonfuse.sequence;

/**
 * IUPAC nucleotide codes as sets of bases: bit 0 is T (and U), 1 is C, 2 is A, 3 is G, the order in
 * which NCBI lists codons.
 */
public final class Nucleotides {
  /** All bases. */
  public static final int ANY = 15;

  private static final byte[] BASES = new byte[128];

  static {
    String codes = "TUCYAWMHGKSBRDVN";
    int[] sets = {1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, ANY};
    for (int i = 0; i < sets.length; i++) {
      BASES[codes.charAt(i)] = (byte) sets[i];
    }
  }

  private Nucleotides() {}

  /** The bases that an upper-case code stands for, or 0 if it is none. */
  public static int bases(char code) {
    return code < BASES.length ? BASES[code] : 0;
  }

  /** Whether {@code code} stands for exactly one base. */
  static boolean isBase(char code) {
    return Integer.bitCount(bases(code)) == 1;
  }
}
