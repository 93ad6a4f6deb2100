package org.codonfuse.sequence;

import org.codonfuse.CodonfuseException;

/** Turns what people write into a clean protein: upper case, IUPAC amino acid codes and stops. */
public final class ProteinCleaner {
  private ProteinCleaner() {}

  /**
   * A clean protein and what cleaning changed.
   *
   * @param protein upper-case letters and {@code *}
   * @param lowerCase letters that were lower case
   */
  public record Cleaned(String protein, int lowerCase) {}

  /**
   * Cleans one protein. Every letter is the code of an amino acid or of several; stops stay in
   * their place.
   *
   * @param raw amino acids in either case
   * @param where the file and line for messages, as in {@code proteins.fasta:12}
   * @throws CodonfuseException if it is empty or a character is no amino acid code
   */
  public static Cleaned clean(String raw, String where) {
    if (raw.isEmpty()) {
      throw new CodonfuseException(
          where + ": the sequence is empty; fill it in or remove the row.");
    }
    var protein = new StringBuilder(raw.length());
    int lowerCase = 0;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c >= 'a' && c <= 'z') {
        lowerCase++;
        c = (char) (c - 'a' + 'A');
      }
      if (!(c >= 'A' && c <= 'Z') && c != GeneticCode.STOP) {
        throw new CodonfuseException(where + ": " + illegal(raw, i));
      }
      protein.append(c);
    }
    return new Cleaned(protein.toString(), lowerCase);
  }

  private static String illegal(String raw, int index) {
    int codePoint = raw.codePointAt(index);
    boolean visible =
        !Character.isISOControl(codePoint)
            && !Character.isWhitespace(codePoint)
            && Character.isDefined(codePoint);
    String remedy =
        codePoint == '-' || codePoint == '.'
            ? "remove the gaps of the alignment"
            : "write X for an unknown residue";
    return "the sequence has "
        + (visible ? "'" + Character.toString(codePoint) + "'" : String.format("U+%04X", codePoint))
        + " at position "
        + (index + 1)
        + ", which is no amino acid code (A to Z, * for a stop); "
        + remedy
        + ".";
  }
}
