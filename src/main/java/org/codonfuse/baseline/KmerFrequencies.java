package org.codonfuse.baseline;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;

/**
 * Shares of all k-mers of nucleotides, in every frame, for k from 1 to a longest. Those with
 * ambiguous nucleotides are not counted.
 *
 * @param longest the longest k
 */
public record KmerFrequencies(int longest) implements SequenceFeatures {
  /** Its name. */
  public static final String NAME = "kmer";

  /** The default of the longest k: 340 features. */
  public static final int LONGEST = 4;

  /** 1,364 features; a system of so many equations is solved for every penalty. */
  public static final int MOST = 5;

  private static final String BASES = "UCAG";

  /**
   * @throws IllegalArgumentException if the longest k is out of range
   */
  public KmerFrequencies {
    if (longest < 1 || longest > MOST) {
      throw new IllegalArgumentException("k " + longest);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> columns() {
    List<String> columns = new ArrayList<>();
    for (int k = 1; k <= longest; k++) {
      for (int index = 0; index < count(k); index++) {
        columns.add(letters(k, index));
      }
    }
    return columns;
  }

  @Override
  public double[] of(CodingSequence sequence) {
    double[] shares =
        new double[IntStream.rangeClosed(1, longest).map(KmerFrequencies::count).sum()];
    String rna = sequence.rna();
    int offset = 0;
    for (int k = 1; k <= longest; k++) {
      int index = 0;
      int known = 0;
      for (int i = 0; i < rna.length(); i++) {
        int base = Codons.base(rna.charAt(i));
        known = base < 0 ? 0 : known + 1;
        index = (index * BASES.length() + Math.max(base, 0)) % count(k);
        if (known >= k) {
          shares[offset + index]++;
        }
      }
      Shares.divide(shares, offset, offset + count(k));
      offset += count(k);
    }
    return shares;
  }

  /** How many k-mers there are. */
  private static int count(int k) {
    return 1 << (2 * k);
  }

  private static String letters(int k, int index) {
    StringBuilder letters = new StringBuilder();
    for (int rest = index; letters.length() < k; rest /= BASES.length()) {
      letters.append(BASES.charAt(rest % BASES.length()));
    }
    return letters.reverse().toString();
  }
}
