package org.codonfuse.sequence;

import org.codonfuse.CodonfuseException;

/** Turns what people write into a clean mRNA: upper case, U for T, IUPAC nucleotide codes only. */
public final class SequenceCleaner {
  private SequenceCleaner() {}

  /**
   * A clean sequence and what cleaning changed.
   *
   * @param rna upper-case IUPAC codes with U for T
   * @param lowerCase letters that were lower case
   * @param thymine letters that were T
   * @param ambiguous letters that stand for more than one base, kept as they are
   */
  public record Cleaned(String rna, int lowerCase, int thymine, int ambiguous) {}

  /**
   * Cleans one sequence.
   *
   * @param raw DNA or RNA in either case
   * @param where the file and line for messages, as in {@code genes.csv:12}
   * @throws CodonfuseException if it is shorter than a codon or a character is no nucleotide code
   */
  public static Cleaned clean(String raw, String where) {
    if (raw.isEmpty()) {
      throw new CodonfuseException(
          where + ": the sequence is empty; fill it in or remove the row.");
    }
    var rna = new StringBuilder(raw.length());
    int lowerCase = 0;
    int thymine = 0;
    int ambiguous = 0;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c >= 'a' && c <= 'z') {
        lowerCase++;
        c = (char) (c - 'a' + 'A');
      }
      int bases = Nucleotides.bases(c);
      if (bases == 0) {
        throw new CodonfuseException(where + ": " + illegal(raw, i));
      }
      if (c == 'T') {
        thymine++;
        c = 'U';
      }
      if (!Nucleotides.isBase(c)) {
        ambiguous++;
      }
      rna.append(c);
    }
    if (rna.length() < 3) {
      throw new CodonfuseException(
          where
              + ": the sequence has only "
              + rna.length()
              + " nt and so no codon; correct or remove the row.");
    }
    return new Cleaned(rna.toString(), lowerCase, thymine, ambiguous);
  }

  private static String illegal(String raw, int index) {
    int codePoint = raw.codePointAt(index);
    String shown =
        Character.isISOControl(codePoint) || Character.isWhitespace(codePoint)
            ? String.format("U+%04X", codePoint)
            : "'" + Character.toString(codePoint) + "'";
    String remedy =
        switch (codePoint) {
          case '-', '.' -> "remove the gaps of the alignment";
          case '*', 'E', 'F', 'I', 'L', 'P', 'Q' ->
              "give the nucleotides of the coding sequence, not the protein";
          default ->
              Character.isWhitespace(codePoint)
                  ? "write the sequence without white space"
                  : "write N for an unknown nucleotide";
        };
    return "the sequence has "
        + shown
        + " at position "
        + (index + 1)
        + ", which is no IUPAC nucleotide code (ACGTU RYKMSWBDHVN); "
        + remedy
        + ".";
  }
}
