package org.codonfuse.token;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A tokenized molecule. The arrays are not copied: whoever makes the record hands them over, and
 * everyone only reads them.
 *
 * @param ids [tokens], special tokens included
 * @param starts [tokens], the first nucleotide of the mRNA that a token stands for; −1 for special
 *     tokens
 * @param ends [tokens], the nucleotide after the last; −1 for special tokens
 * @param unknown tokens that are {@code <unk>}
 * @param normalised letters whose case, or T or U, was changed to the model's
 * @param replaced ambiguous nucleotides that the model does not know, read as N
 */
public record Tokens(
    int[] ids, int[] starts, int[] ends, int unknown, int normalised, int replaced) {
  /** The span of a special token. */
  public static final int NO_SPAN = -1;

  /**
   * @throws IllegalArgumentException if the arrays differ in length
   */
  public Tokens {
    if (ids.length != starts.length || ids.length != ends.length) {
      throw new IllegalArgumentException(
          "lengths differ: " + ids.length + ", " + starts.length + ", " + ends.length);
    }
  }

  /** The number of tokens, special ones included. */
  public int length() {
    return ids.length;
  }

  /** Whether the token at a position stands for no part of the molecule. */
  public boolean special(int position) {
    return starts[position] == NO_SPAN;
  }

  /** Some of the tokens, in the given order; what was counted of all of them is not known. */
  public Tokens select(int... positions) {
    int[] chosenIds = new int[positions.length];
    int[] chosenStarts = new int[positions.length];
    int[] chosenEnds = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      chosenIds[i] = ids[positions[i]];
      chosenStarts[i] = starts[positions[i]];
      chosenEnds[i] = ends[positions[i]];
    }
    return new Tokens(chosenIds, chosenStarts, chosenEnds, 0, 0, 0);
  }

  /**
   * The first tokens of the molecule with all special ones around them.
   *
   * @param limit tokens at most, special ones included
   * @return these where they are no more than that
   */
  public Tokens truncate(int limit) {
    int excess = length() - limit;
    if (excess <= 0) {
      return this;
    }
    int tail = length();
    while (tail > 0 && special(tail - 1)) {
      tail--;
    }
    int end = tail - excess;
    int last = tail;
    return select(IntStream.range(0, length()).filter(t -> t < end || t >= last).toArray());
  }

  /** The share of {@code <unk>} among the tokens that are not special, 0 if there are none. */
  public double unknownShare() {
    long molecule = Arrays.stream(starts).filter(start -> start != NO_SPAN).count();
    return molecule == 0 ? 0 : (double) unknown / molecule;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tokens that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(ends, that.ends)
        && unknown == that.unknown
        && normalised == that.normalised
        && replaced == that.replaced;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(starts);
  }

  @Override
  public String toString() {
    return "Tokens" + Arrays.toString(ids);
  }
}
