package org.codonfuse.design;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Nucleotides;

/**
 * A pattern of nucleotides.
 *
 * @param name what it is called in messages
 * @param pattern upper-case IUPAC codes with U for T
 */
public record Motif(String name, String pattern) {
  /** Longer than any site that is known, shorter than what would be a typing error. */
  private static final int LONGEST = 64;

  /** By the set of bases, see {@link Nucleotides}. */
  private static final String CODES = "-UCYAWMHGKSBRDVN";

  /**
   * Reads a pattern as it is written on the command line.
   *
   * @param option that it was given with, for messages
   * @param text IUPAC codes of DNA or RNA in either case
   * @throws UsageException if it is none
   */
  public static Motif parse(String option, String text) {
    String pattern = text.strip().toUpperCase(Locale.ROOT).replace('T', 'U');
    if (pattern.length() < 2 || pattern.length() > LONGEST) {
      throw new UsageException(
          "%s %s: has %d letters; give a pattern of 2 to %d nucleotides."
              .formatted(option, text, pattern.length(), LONGEST));
    }
    boolean specific = false;
    for (int i = 0; i < pattern.length(); i++) {
      int bases = Nucleotides.bases(pattern.charAt(i));
      if (bases == 0) {
        throw new UsageException(
            "%s %s: '%s' is no IUPAC nucleotide code (ACGTU RYKMSWBDHVN); correct the pattern."
                .formatted(option, text, text.strip().charAt(i)));
      }
      specific |= bases != Nucleotides.ANY;
    }
    if (!specific) {
      throw new UsageException(
          "%s %s: occurs everywhere; name at least one base.".formatted(option, text));
    }
    return new Motif(text.strip(), pattern);
  }

  /** What is on this strand where the motif is on the other. */
  public Motif reverseComplement() {
    StringBuilder letters = new StringBuilder();
    for (int i = pattern.length() - 1; i >= 0; i--) {
      int bases = bases(i);
      // U and A are bits 0 and 2, C and G 1 and 3.
      letters.append(CODES.charAt((bases & 3) << 2 | bases >> 2));
    }
    return new Motif(name, letters.toString());
  }

  /** The motif, and where it differs what is on this strand if it is on the other. */
  public List<Motif> bothStrands() {
    Motif other = reverseComplement();
    return pattern.equals(other.pattern()) ? List.of(this) : List.of(this, other);
  }

  int length() {
    return pattern.length();
  }

  /** The bases that fit at a place of the pattern. */
  int bases(int index) {
    return Nucleotides.bases(pattern.charAt(index));
  }

  /**
   * Where it begins in a sequence, ascending, from 0. A letter that stands for several bases fits
   * where each of them does.
   *
   * @param rna clean nucleotides
   */
  List<Integer> find(String rna) {
    List<Integer> found = new ArrayList<>();
    for (int start = 0; start + length() <= rna.length(); start++) {
      int i = 0;
      while (i < length() && fits(Nucleotides.bases(rna.charAt(start + i)), bases(i))) {
        i++;
      }
      if (i == length()) {
        found.add(start);
      }
    }
    return found;
  }

  /** Whether every base of one set is in another. */
  static boolean fits(int bases, int allowed) {
    return (bases & ~allowed) == 0;
  }
}
