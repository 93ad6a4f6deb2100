package org.codonfuse.token;

import java.util.Arrays;

/** Collects the tokens of one molecule, at most one per letter and two special ones. */
final class TokensBuilder {
  private final SpecialTokens special;
  private final int[] ids;
  private final int[] starts;
  private final int[] ends;
  private int length;
  private int unknown;
  private int normalised;
  private int replaced;

  TokensBuilder(SpecialTokens special, int letters) {
    this.special = special;
    this.ids = new int[letters + 2];
    this.starts = new int[letters + 2];
    this.ends = new int[letters + 2];
  }

  void addSpecial(int id) {
    put(id, Tokens.NO_SPAN, Tokens.NO_SPAN);
  }

  void add(int id, int start, int end) {
    unknown += id == special.unk() ? 1 : 0;
    put(id, start, end);
  }

  void normalised() {
    normalised++;
  }

  void replaced() {
    replaced++;
  }

  Tokens build() {
    return new Tokens(
        Arrays.copyOf(ids, length),
        Arrays.copyOf(starts, length),
        Arrays.copyOf(ends, length),
        unknown,
        normalised,
        replaced);
  }

  private void put(int id, int start, int end) {
    ids[length] = id;
    starts[length] = start;
    ends[length] = end;
    length++;
  }
}
