package org.codonfuse.pretraining;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokenizers;
import org.codonfuse.token.Tokens;
import org.codonfuse.token.Vocabularies;
import org.codonfuse.token.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskingTest {
  private static Tokenizer tokenizer(Molecule molecule) {
    Vocabulary vocabulary =
        switch (molecule) {
          case DNA -> Vocabularies.dna();
          case RNA -> Vocabularies.rna();
          case PROTEIN -> Vocabularies.protein();
        };
    return Tokenizers.forVocabulary(vocabulary, molecule);
  }

  private static String letters(int length) {
    SplittableRandom random = new SplittableRandom(3);
    StringBuilder text = new StringBuilder();
    random.ints(length, 0, 4).forEach(i -> text.append("ACGA".charAt(i)));
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource
  void choosesFifteenInAHundredAndMasksEightOfTen(Molecule molecule) {
    Tokenizer tokenizer = tokenizer(molecule);
    Masking masking = new Masking(tokenizer);
    Tokens tokens = tokenizer.tokenize(letters(molecule == Molecule.DNA ? 6000 : 1000));
    int chosen = 0;
    int masked = 0;
    int same = 0;
    int[] seen = new int[tokens.length()];
    for (int seed = 0; seed < 200; seed++) {
      MaskedTokens one = masking.mask(tokens, seed);
      assertEquals(150, one.positions().length);
      for (int i = 0; i < 150; i++) {
        int position = one.positions()[i];
        int now = one.tokens().ids()[position];
        seen[position]++;
        chosen++;
        masked += now == tokenizer.special().mask() ? 1 : 0;
        same += now == one.originals()[i] ? 1 : 0;
        assertEquals(tokens.ids()[position], one.originals()[i]);
        assertFalse(tokens.special(position));
      }
      for (int t = 0; t < tokens.length(); t++) {
        int position = t;
        if (Arrays.stream(one.positions()).noneMatch(p -> p == position)) {
          assertEquals(tokens.ids()[t], one.tokens().ids()[t]);
        }
      }
    }
    assertEquals(0.8, (double) masked / chosen, 0.01);
    // Some random tokens are the ones that they replace.
    int letters = masking.letters().length;
    assertEquals(0.1 + 0.1 / letters, (double) same / chosen, 0.01);
    // Every token is chosen about as often as another: 30 times, with a deviation of 5.
    assertTrue(Arrays.stream(seen).filter(n -> n > 0).allMatch(n -> n > 5 && n < 60));
    assertEquals(1000, Arrays.stream(seen).filter(n -> n > 0).count());
  }

  @Test
  void randomTokensStandForSomething() {
    Tokenizer tokenizer = tokenizer(Molecule.PROTEIN);
    for (int id : new Masking(tokenizer).letters()) {
      assertFalse(tokenizer.vocabulary().token(id).startsWith("<"));
    }
  }

  @Test
  void specialAndUnknownTokensAreNeverInQuestion() {
    Tokenizer tokenizer = tokenizer(Molecule.PROTEIN);
    Masking masking = new Masking(tokenizer);
    Tokens tokens = tokenizer.tokenize("J*MJ*");

    assertArrayEquals(new int[] {3}, masking.candidates(tokens));
    for (int seed = 0; seed < 50; seed++) {
      assertArrayEquals(new int[] {3}, masking.mask(tokens, seed).positions());
    }
    assertEquals(0, masking.candidates(tokenizer.tokenize("J*")).length);
  }

  @Test
  void theSeedDecides() {
    Tokenizer tokenizer = tokenizer(Molecule.RNA);
    Masking masking = new Masking(tokenizer);
    Tokens tokens = tokenizer.tokenize(letters(100));

    assertArrayEquals(
        masking.mask(tokens, 7).tokens().ids(), masking.mask(tokens, 7).tokens().ids());
    assertFalse(
        Arrays.equals(masking.mask(tokens, 7).positions(), masking.mask(tokens, 8).positions()));
  }
}
