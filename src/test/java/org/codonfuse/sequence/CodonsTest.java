package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CodonsTest {
  @Test
  void countsInTheOrderOfTheGeneticCode() {
    for (int codon = 0; codon < Codons.COUNT; codon++) {
      String letters = Codons.letters(codon);
      assertEquals(codon, Codons.index(letters, 0));
      assertEquals(
          GeneticCode.standard().translate(codon), GeneticCode.standard().translate(letters, 0));
    }
    assertEquals("AUG", Codons.letters(Codons.index("CCAUG", 2)));
  }

  @Test
  void anAmbiguousCodonHasNoIndex() {
    assertEquals(-1, Codons.index("AUR", 0));
    assertEquals(-1, Codons.base('N'));
  }
}
