package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CodingSequenceTest {
  private static final GeneticCode CODE = GeneticCode.standard();

  @Test
  void stopsStayInTheirPlace() {
    var sequence = new CodingSequence("s", "AUGUAAGCCUGA");
    assertEquals("M*A*", sequence.protein(CODE));
    assertEquals("ATGTAAGCCTGA", sequence.dna());
  }

  @Test
  void trailingNucleotidesCarryNoCodon() {
    var sequence = new CodingSequence("s", "AUGGCCUU");
    assertEquals(2, sequence.codons());
    assertEquals("MA", sequence.protein(CODE));
    assertEquals(8, sequence.as(Molecule.RNA, CODE).length());
    assertEquals(8, sequence.as(Molecule.DNA, CODE).length());
    assertEquals("MA", sequence.as(Molecule.PROTEIN, CODE));
  }

  @Test
  void aLimitOfWholeCodonsLeavesWholeCodons() {
    var sequence = new CodingSequence("s", "AUG".repeat(341));
    assertEquals(1022, sequence.truncate(1022).length());
    assertEquals(1020, sequence.truncate(1020).length());
    assertEquals(340, sequence.truncate(1022).codons());
    assertSame(sequence, sequence.truncate(1023));
  }

  @Test
  void whatIsNotCleanOrLeavesNoCodonIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new CodingSequence("s", "ATG"));
    assertThrows(IllegalArgumentException.class, () -> new CodingSequence("s", "aug"));
    var sequence = new CodingSequence("s", "AUGAUG");
    assertThrows(IllegalArgumentException.class, () -> sequence.truncate(2));
  }

  @Property
  void everyCodonHasAResidueAndEachIsTranslatedAlone(@ForAll("rna") String rna) {
    var sequence = new CodingSequence("s", rna);
    String protein = sequence.protein(CODE);
    assertEquals(sequence.codons(), protein.length());
    assertEquals(rna.length(), sequence.dna().length());
    for (int i = 0; i < protein.length(); i++) {
      assertEquals(CODE.translate(rna.substring(3 * i, 3 * i + 3)), protein.charAt(i));
    }
  }

  @Property
  void truncationIsAPrefix(
      @ForAll("rna") String rna, @ForAll @IntRange(min = 3, max = 80) int limit) {
    var sequence = new CodingSequence("s", rna);
    CodingSequence cut = sequence.truncate(limit);
    assertTrue(cut.length() <= limit && rna.startsWith(cut.rna()));
    assertEquals(cut.length() < rna.length() ? limit / 3 : rna.length() / 3, cut.codons());
    assertTrue(sequence.protein(CODE).startsWith(cut.protein(CODE)));
  }

  @Provide
  Arbitrary<String> rna() {
    return Arbitraries.strings()
        .withChars("ACGUACGUACGURYKMSWBDHVN")
        .ofMinLength(3)
        .ofMaxLength(90);
  }
}
