package org.codonfuse.token;

import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;

/**
 * The RNA tokenizer of RNA-FM: {@code <cls>}, one token per nucleotide, {@code <eos>}. Ambiguous
 * nucleotides are the tokens of their codes where the vocabulary has them, otherwise N.
 */
public final class NucleotideTokenizer extends VocabularyTokenizer {
  private final int eos;
  private final int any;
  // By upper-case letter; -1 where the vocabulary has none.
  private final int[] letters = new int[128];

  /**
   * @throws CodonfuseException if a nucleotide or a special token is missing
   */
  NucleotideTokenizer(Vocabulary vocabulary) {
    super(Molecule.RNA, vocabulary, 2);
    this.eos = vocabulary.require("<eos>");
    this.any = vocabulary.require("N");
    for (String base : new String[] {"A", "C", "G", "U"}) {
      vocabulary.require(base);
    }
    for (int c = 0; c < letters.length; c++) {
      letters[c] = vocabulary.id(Character.toString(c)).orElse(-1);
    }
  }

  @Override
  public Tokens tokenize(String rna) {
    var tokens = new TokensBuilder(special(), rna.length());
    tokens.addSpecial(special().cls());
    for (int i = 0; i < rna.length(); i++) {
      char letter = Letters.nucleotide(rna.charAt(i), 'U');
      if (letter != rna.charAt(i)) {
        tokens.normalised();
      }
      int id = letter < letters.length ? letters[letter] : -1;
      if (id < 0 && Letters.isAmbiguous(letter)) {
        tokens.replaced();
        id = any;
      }
      tokens.add(id < 0 ? special().unk() : id, i, i + 1);
    }
    tokens.addSpecial(eos);
    return tokens.build();
  }
}
