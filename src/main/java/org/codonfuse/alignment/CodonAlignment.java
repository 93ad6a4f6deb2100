package org.codonfuse.alignment;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.codonfuse.compute.Segments;
import org.codonfuse.token.Tokens;

/**
 * Brings token embeddings to a common axis: every row becomes the mean of the tokens it shares
 * nucleotides with, weighted by how many (BioLangFusion, equation 1, made exact around incomplete
 * 6-mers). Computed from the nucleotide spans of the tokens, never from ratios of lengths.
 */
public final class CodonAlignment {
  private CodonAlignment() {}

  /**
   * The weighted sums that turn token rows into rows of a granularity.
   *
   * @param tokens the tokens; special ones take no part
   * @param nucleotides length of the mRNA; windows cover all of it, codons only whole ones
   * @param firstRow row of the first token, special or not
   * @throws IllegalArgumentException if no token covers some row
   */
  public static Segments segments(
      Granularity granularity, Tokens tokens, int nucleotides, int firstRow) {
    return granularity == Granularity.TOKEN
        ? identity(tokens, firstRow)
        : overlaps(tokens, granularity, nucleotides, firstRow);
  }

  /** Number of rows that {@link #segments} gives for a granularity other than tokens. */
  public static int rows(Granularity granularity, int nucleotides) {
    return switch (granularity) {
      case TOKEN -> throw new IllegalArgumentException("Rows of tokens depend on the tokenizer");
      case CODON -> nucleotides / 3;
      case WINDOW -> Math.ceilDiv(nucleotides, 6);
    };
  }

  private static Segments identity(Tokens tokens, int firstRow) {
    int[] members =
        IntStream.range(0, tokens.length())
            .filter(t -> !tokens.special(t))
            .map(t -> firstRow + t)
            .toArray();
    float[] weights = new float[members.length];
    Arrays.fill(weights, 1);
    return new Segments(IntStream.rangeClosed(0, members.length).toArray(), members, weights);
  }

  private static Segments overlaps(
      Tokens tokens, Granularity granularity, int nucleotides, int firstRow) {
    int width = granularity.nucleotides();
    int count = rows(granularity, nucleotides);
    int[] offsets = new int[count + 1];
    int[] members = new int[tokens.length() + count];
    float[] weights = new float[members.length];
    int filled = 0;
    int first = 0;
    for (int s = 0; s < count; s++) {
      int begin = s * width;
      int end = begin + width;
      while (first < tokens.length() && tokens.ends()[first] <= begin) {
        first++;
      }
      int shared = 0;
      for (int t = first; t < tokens.length() && within(tokens, t, end); t++) {
        int overlap = Math.min(end, tokens.ends()[t]) - Math.max(begin, tokens.starts()[t]);
        members[filled] = firstRow + t;
        weights[filled++] = overlap;
        shared += overlap;
      }
      if (shared == 0) {
        throw new IllegalArgumentException("No token covers nucleotides " + begin + " to " + end);
      }
      for (int k = offsets[s]; k < filled; k++) {
        weights[k] /= shared;
      }
      offsets[s + 1] = filled;
    }
    return new Segments(offsets, Arrays.copyOf(members, filled), Arrays.copyOf(weights, filled));
  }

  private static boolean within(Tokens tokens, int token, int end) {
    return !tokens.special(token) && tokens.starts()[token] < end;
  }
}
