package org.codonfuse.token;

import org.codonfuse.sequence.Molecule;

/**
 * Letters of a molecule to token ids with the nucleotides of the mRNA that each stands for. The
 * spans of the tokens that are not special tile the mRNA from 0 without hole or overlap: a
 * nucleotide is one, a residue three. Immutable.
 */
public sealed interface Tokenizer permits VocabularyTokenizer {
  /** The molecule that it reads. */
  Molecule molecule();

  /** Its tokens. */
  Vocabulary vocabulary();

  /** The ids of the special tokens. */
  SpecialTokens special();

  /** The number of special tokens that {@link #tokenize} adds before and after the molecule. */
  int added();

  /**
   * Tokenizes a molecule in its own letters. Lower case and T or U are read as the model's; what
   * the model does not know is {@code <unk>}, one per letter.
   */
  Tokens tokenize(String molecule);
}
