package org.codonfuse.token;

import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;

/**
 * The ids of the tokens that stand for no part of a molecule, found by their names {@code <pad>},
 * {@code <mask>}, {@code <cls>}, {@code <unk>} and, where the vocabulary has it, {@code <eos>}.
 */
public record SpecialTokens(int pad, int mask, int cls, int unk, OptionalInt eos) {
  /**
   * Looks them up.
   *
   * @throws CodonfuseException if one is missing
   */
  public static SpecialTokens of(Vocabulary vocabulary) {
    return new SpecialTokens(
        vocabulary.require("<pad>"),
        vocabulary.require("<mask>"),
        vocabulary.require("<cls>"),
        vocabulary.require("<unk>"),
        vocabulary.id("<eos>"));
  }
}
