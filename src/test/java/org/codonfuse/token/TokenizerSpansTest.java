package org.codonfuse.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;

class TokenizerSpansTest {
  private static final List<Tokenizer> TOKENIZERS =
      List.of(
          Tokenizers.forVocabulary(Vocabularies.dna(), Molecule.DNA),
          Tokenizers.forVocabulary(Vocabularies.rna(), Molecule.RNA),
          Tokenizers.forVocabulary(Vocabularies.protein(), Molecule.PROTEIN));

  @Property
  void spansTileTheSequenceExactly(@ForAll("rna") String rna) {
    var sequence = new CodingSequence("s", rna);
    for (Tokenizer tokenizer : TOKENIZERS) {
      Tokens tokens = tokenizer.tokenize(sequence.as(tokenizer.molecule(), GeneticCode.standard()));
      int covered = 0;
      int special = 0;
      for (int i = 0; i < tokens.length(); i++) {
        if (tokens.special(i)) {
          special++;
          assertEquals(-1, tokens.ends()[i]);
        } else {
          assertEquals(covered, tokens.starts()[i]);
          assertTrue(tokens.ends()[i] > covered);
          covered = tokens.ends()[i];
        }
      }
      assertEquals(tokenizer.added(), special);
      assertEquals(
          tokenizer.molecule() == Molecule.PROTEIN ? 3 * sequence.codons() : sequence.length(),
          covered);
    }
  }

  @Property
  void tokensSpellTheLettersOfTheirSpans(@ForAll("rna") String rna) {
    var sequence = new CodingSequence("s", rna);
    for (Tokenizer tokenizer : TOKENIZERS) {
      String molecule = sequence.as(tokenizer.molecule(), GeneticCode.standard());
      int letter = tokenizer.molecule() == Molecule.PROTEIN ? 3 : 1;
      Tokens tokens = tokenizer.tokenize(molecule);
      for (int i = 0; i < tokens.length(); i++) {
        if (!tokens.special(i)) {
          String span = molecule.substring(tokens.starts()[i] / letter, tokens.ends()[i] / letter);
          String expected =
              switch (tokenizer.molecule()) {
                case DNA -> span.matches("[RYKMSWBDHV]") ? "N" : span;
                case RNA -> span;
                case PROTEIN -> span.equals("*") ? "<unk>" : span;
              };
          assertEquals(expected, tokenizer.vocabulary().token(tokens.ids()[i]));
        }
      }
    }
  }

  @Property
  void kmersAreUsedWhereverTheyFit(@ForAll("rna") String rna) {
    String dna = rna.replace('U', 'T');
    Tokens tokens = TOKENIZERS.getFirst().tokenize(dna);
    int expected = 1;
    for (String run : Pattern.compile("[^ACGT]").splitAsStream(dna).toList()) {
      expected += run.length() / 6 + run.length() % 6;
    }
    expected += (int) dna.chars().filter(c -> "ACGT".indexOf(c) < 0).count();
    assertEquals(expected, tokens.length());
  }

  @Provide
  Arbitrary<String> rna() {
    return Arbitraries.strings()
        .withChars("ACGUACGUACGUACGUACGUACGUNNRYKMSWBDHV")
        .ofMinLength(3)
        .ofMaxLength(120);
  }
}
