package org.codonfuse.token;

/** The one place that says which spelling of a nucleotide a model wants. */
final class Letters {
  private static final String AMBIGUOUS = "RYKMSWBDHV";

  private Letters() {}

  static char upper(char letter) {
    return letter >= 'a' && letter <= 'z' ? (char) (letter - 'a' + 'A') : letter;
  }

  /** Upper case with {@code thymine}, which is T or U, for both. */
  static char nucleotide(char letter, char thymine) {
    char upper = upper(letter);
    return upper == 'T' || upper == 'U' ? thymine : upper;
  }

  static boolean isAmbiguous(char upper) {
    return AMBIGUOUS.indexOf(upper) >= 0;
  }
}
