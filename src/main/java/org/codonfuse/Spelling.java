package org.codonfuse;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What somebody may have meant. */
public final class Spelling {
  private Spelling() {}

  /** The known word with the fewest edits, unless more than a third of its letters differ. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> edits(word, candidate)))
        .filter(best -> 3 * edits(word, best) <= Math.max(word.length(), best.length()) + 1);
  }

  /** Insertions, deletions, replacements and swaps of neighbours that make one word of another. */
  static int edits(String from, String to) {
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int best = edits[i - 1][j - 1] + (same ? 0 : 1);
        best = Math.min(best, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          best = Math.min(best, edits[i - 2][j - 2] + 1);
        }
        edits[i][j] = best;
      }
    }
    return edits[from.length()][to.length()];
  }
}
