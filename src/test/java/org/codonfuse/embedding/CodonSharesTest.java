package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;

class CodonSharesTest {
  private static double[] divide(Molecule molecule, String rna, double... values) {
    CodingSequence sequence = new CodingSequence("s", rna);
    return CodonShares.of(molecule, GeneticCode.standard())
        .divide(sequence, values, sequence.codons());
  }

  @Test
  void nucleotidesOfACodonAreAdded() {
    assertArrayEquals(
        new double[] {6, 15}, divide(Molecule.RNA, "AUGGCU", 1, 2, 3, 4, 5, 6), 1e-12);
  }

  @Test
  void sixNucleotidesAreDividedAmongTwoCodons() {
    // One 6-mer, then three single nucleotides.
    assertArrayEquals(new double[] {3, 3, 6}, divide(Molecule.DNA, "AUGGCUAAA", 6, 1, 2, 3), 1e-12);
  }

  @Test
  void residuesAreCodons() {
    assertArrayEquals(new double[] {1, -2}, divide(Molecule.PROTEIN, "AUGGCU", 1, -2), 1e-12);
  }

  @Test
  void whatFollowsTheLastCodonBelongsToNone() {
    assertArrayEquals(new double[] {6}, divide(Molecule.RNA, "AUGGC", 1, 2, 3, 4, 5), 1e-12);
  }

  @Test
  void ofACutSequenceThereAreFewerTokens() {
    assertArrayEquals(new double[] {6, 0}, divide(Molecule.RNA, "AUGGCU", 1, 2, 3), 1e-12);
  }
}
