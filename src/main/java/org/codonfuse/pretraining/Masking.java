package org.codonfuse.pretraining;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.token.SpecialTokens;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokens;

/**
 * Chooses the tokens of a sequence that are to be told from the others (Devlin et al. 2019,
 * arXiv:1810.04805): 15 % of them, at least one, never a special or unknown one; of those 80 % are
 * masked, 10 % become a random token and 10 % stay.
 */
final class Masking {
  /** Share of a sequence's tokens that are chosen. */
  static final double CHOSEN = 0.15;

  /** Share of these that are masked. */
  static final double MASKED = 0.8;

  /** Share of these that become a random token. */
  static final double RANDOM = 0.1;

  private final SpecialTokens special;
  private final int[] letters;

  Masking(Tokenizer tokenizer) {
    this.special = tokenizer.special();
    List<String> tokens = tokenizer.vocabulary().tokens();
    this.letters =
        IntStream.range(0, tokens.size()).filter(id -> !tokens.get(id).startsWith("<")).toArray();
  }

  /** The ids of all tokens that stand for something in a molecule. */
  int[] letters() {
    return letters.clone();
  }

  /** The positions of the tokens that may be chosen. */
  int[] candidates(Tokens tokens) {
    return IntStream.range(0, tokens.length())
        .filter(t -> !tokens.special(t) && tokens.ids()[t] != special.unk())
        .toArray();
  }

  /**
   * Masks a sequence.
   *
   * @param tokens with at least one {@linkplain #candidates candidate}
   * @param seed the same seed chooses the same tokens
   */
  MaskedTokens mask(Tokens tokens, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] candidates = candidates(tokens);
    int count = Math.max(1, (int) Math.round(CHOSEN * candidates.length));
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i, candidates.length);
      int chosen = candidates[j];
      candidates[j] = candidates[i];
      candidates[i] = chosen;
    }
    int[] positions = Arrays.stream(candidates).limit(count).sorted().toArray();
    int[] ids = tokens.ids().clone();
    long[] originals = new long[count];
    for (int i = 0; i < count; i++) {
      originals[i] = ids[positions[i]];
      double drawn = random.nextDouble();
      if (drawn < MASKED) {
        ids[positions[i]] = special.mask();
      } else if (drawn < MASKED + RANDOM) {
        ids[positions[i]] = letters[random.nextInt(letters.length)];
      }
    }
    return new MaskedTokens(
        new Tokens(ids, tokens.starts(), tokens.ends(), 0, 0, 0), positions, originals);
  }
}
