package org.codonfuse.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;

class TokensTest {
  @Test
  void whatIsTruncatedKeepsItsSpecialTokens() {
    Tokenizer rna = Tokenizers.forVocabulary(Vocabularies.rna(), Molecule.RNA);
    Tokens tokens = rna.tokenize("ACGUA");

    assertSame(tokens, tokens.truncate(7));
    assertArrayEquals(rna.tokenize("ACGU").ids(), tokens.truncate(6).ids());
    assertArrayEquals(rna.tokenize("ACG").starts(), tokens.truncate(5).starts());
    assertArrayEquals(rna.tokenize("").ids(), tokens.truncate(2).ids());
  }

  @Test
  void whereNoneFollowTheMoleculeTheEndIsCut() {
    Tokenizer dna = Tokenizers.forVocabulary(Vocabularies.dna(), Molecule.DNA);
    Tokens tokens = dna.tokenize("ACGTACGTACGTAC");

    assertArrayEquals(dna.tokenize("ACGTACGTACGT").ids(), tokens.truncate(3).ids());
  }
}
