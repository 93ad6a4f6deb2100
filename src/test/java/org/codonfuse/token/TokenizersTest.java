package org.codonfuse.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;

class TokenizersTest {
  private static final Tokenizer DNA = Tokenizers.forVocabulary(Vocabularies.dna(), Molecule.DNA);
  private static final Tokenizer RNA = Tokenizers.forVocabulary(Vocabularies.rna(), Molecule.RNA);
  private static final Tokenizer PROTEIN =
      Tokenizers.forVocabulary(Vocabularies.protein(), Molecule.PROTEIN);

  @Test
  void moleculesAreToldByTheirTokens() {
    assertEquals(Molecule.DNA, Tokenizers.detect(Vocabularies.dna()));
    assertEquals(Molecule.RNA, Tokenizers.detect(Vocabularies.rna()));
    assertEquals(Molecule.PROTEIN, Tokenizers.detect(Vocabularies.protein()));
    Vocabulary multimolecule =
        Vocabularies.of(
            "v", "<pad> <cls> <eos> <unk> <mask> <null> A C G U N R Y S W K M B D H V . X * - I");
    assertEquals(Molecule.RNA, Tokenizers.detect(multimolecule));
    assertArrayEquals(
        new int[] {1, 6, 9, 8, 2},
        Tokenizers.forVocabulary(multimolecule, Molecule.RNA).tokenize("AUG").ids());
  }

  @Test
  void theFrameOfKmersRestartsAfterAnN() {
    Tokens tokens = DNA.tokenize("ATTCCGANATTCCGC");
    assertArrayEquals(new int[] {3, 369, 4102, 4106, 369, 4104}, tokens.ids());
    assertArrayEquals(new int[] {-1, 0, 6, 7, 8, 14}, tokens.starts());
    assertArrayEquals(new int[] {-1, 6, 7, 8, 14, 15}, tokens.ends());
    assertEquals(0, tokens.replaced());
  }

  @Test
  void ambiguousDnaIsReadAsNAndCounted() {
    Tokens tokens = DNA.tokenize("ATRATTCCG");
    assertArrayEquals(new int[] {3, 4102, 4103, 4106, 369}, tokens.ids());
    assertEquals(1, tokens.replaced());
    assertEquals(0, tokens.unknown());
  }

  @Test
  void caseAndThymineAreTheModels() {
    assertArrayEquals(DNA.tokenize("ATTCCG").ids(), DNA.tokenize("aUuCCG").ids());
    assertEquals(3, DNA.tokenize("aUuCCG").normalised());
    assertArrayEquals(RNA.tokenize("AUGU").ids(), RNA.tokenize("aTgU").ids());
    assertEquals(3, RNA.tokenize("aTgU").normalised());
    assertArrayEquals(PROTEIN.tokenize("MKV").ids(), PROTEIN.tokenize("MkV").ids());
    assertEquals(1, PROTEIN.tokenize("MkV").normalised());
  }

  @Test
  void ambiguousRnaHasItsOwnTokensWhereTheVocabularyHasThem() {
    assertArrayEquals(new int[] {0, 8, 18, 2}, RNA.tokenize("RN").ids());
    Tokenizer plain =
        Tokenizers.forVocabulary(
            Vocabularies.of("v", "<pad> <cls> <eos> <unk> <mask> A C G U N"), Molecule.RNA);
    Tokens tokens = plain.tokenize("RA?");
    assertArrayEquals(new int[] {1, 9, 5, 3, 2}, tokens.ids());
    assertEquals(1, tokens.replaced());
    assertEquals(1, tokens.unknown());
  }

  @Test
  void everyUnknownResidueIsOneToken() {
    Tokens tokens = PROTEIN.tokenize("M**JK*");
    assertArrayEquals(new int[] {0, 20, 3, 3, 3, 15, 3, 2}, tokens.ids());
    assertArrayEquals(new int[] {-1, 0, 3, 6, 9, 12, 15, -1}, tokens.starts());
    assertArrayEquals(new int[] {-1, 3, 6, 9, 12, 15, 18, -1}, tokens.ends());
    assertEquals(4, tokens.unknown());
    assertEquals(4 / 6.0, tokens.unknownShare());
  }

  @Test
  void anEmptyMoleculeHasOnlySpecialTokens() {
    for (Tokenizer tokenizer : List.of(DNA, RNA, PROTEIN)) {
      Tokens tokens = tokenizer.tokenize("");
      assertEquals(tokenizer.added(), tokens.length());
      assertTrue(tokens.special(0));
      assertEquals(0, tokens.unknownShare());
    }
  }

  @Test
  void theWrongMoleculeIsNamed() {
    assertFails(
        Vocabularies.rna(),
        Molecule.PROTEIN,
        "rna/vocab.txt: is the vocabulary of a model of RNA; give the directory of a model of"
            + " protein.");
    assertFails(Vocabularies.of("v", "<cls> a b"), Molecule.DNA, "v: has neither k-mers");
  }

  @Test
  void aMissingTokenIsNamed() {
    assertFails(
        Vocabularies.of("v", "<pad> <cls> <eos> <unk> A C G U N"),
        Molecule.RNA,
        "v: has no token <mask>");
    assertFails(
        Vocabularies.of("v", "<pad> <cls> <mask> <unk> A C G U N"),
        Molecule.RNA,
        "v: has no token <eos>");
    assertFails(
        Vocabularies.of("v", "<pad> <cls> <mask> <unk> A C G T N AA AC"),
        Molecule.DNA,
        "v: has no token AT");
    assertFails(
        Vocabularies.of("v", "<pad> <cls> <mask> <unk> A C G T N AAAAAAAAAAAAAAAAAAAA"),
        Molecule.DNA,
        "v: has k-mers of 20 nt");
  }

  @Test
  void tokensAreEqualByContent() {
    assertEquals(RNA.tokenize("AUG"), RNA.tokenize("AUG"));
    assertEquals(RNA.tokenize("AUG").hashCode(), RNA.tokenize("AUG").hashCode());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Tokens(new int[1], new int[2], new int[1], 0, 0, 0));
  }

  private static void assertFails(Vocabulary vocabulary, Molecule molecule, String message) {
    var e =
        assertThrows(
            CodonfuseException.class, () -> Tokenizers.forVocabulary(vocabulary, molecule));
    assertTrue(e.getMessage().startsWith(message), e::getMessage);
  }
}
