package org.codonfuse.alignment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.codonfuse.compute.Segments;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokenizers;
import org.codonfuse.token.Tokens;
import org.codonfuse.token.Vocabularies;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodonAlignmentTest {
  private static final float TOLERANCE = 1e-6f;
  private static final List<Tokenizer> TOKENIZERS =
      List.of(
          Tokenizers.forVocabulary(Vocabularies.dna(), Molecule.DNA),
          Tokenizers.forVocabulary(Vocabularies.rna(), Molecule.RNA),
          Tokenizers.forVocabulary(Vocabularies.protein(), Molecule.PROTEIN));

  /** Rows are separated by |, their members are token*weight in units of 1/{@code unit}. */
  @ParameterizedTest(name = "{0} {1} of {2}")
  @CsvSource({
    // Codons are the means of three nucleotides; trailing ones and special tokens take no part.
    "RNA, CODON, AUG, 3, 1*1 2*1 3*1",
    "RNA, CODON, AUGGCU, 3, 1*1 2*1 3*1 | 4*1 5*1 6*1",
    "RNA, CODON, AUGGCUAA, 3, 1*1 2*1 3*1 | 4*1 5*1 6*1",
    "RNA, CODON, ANG, 3, 1*1 2*1 3*1",
    // Plain 6-mers are windows; the last window has fewer nucleotides.
    "DNA, WINDOW, AUUCCGAUUCCG, 1, 1*1 | 2*1",
    "DNA, WINDOW, AUUCCGA, 1, 1*1 | 2*1",
    "DNA, WINDOW, AUUCCGAC, 2, 1*2 | 2*1 3*1",
    "DNA, WINDOW, AUG, 3, 1*1 2*1 3*1",
    // An N restarts the frame of the 6-mers: ATG N ATTCCG A C, and N ATTCCG ATTCCG.
    "DNA, WINDOW, AUGNAUUCCGAC, 6, 1*1 2*1 3*1 4*1 5*2 | 5*4 6*1 7*1",
    "DNA, WINDOW, NAUUCCGAUUCCG, 6, 1*1 2*5 | 2*1 3*5 | 3*6",
    // Codons can also be read off 6-mers directly.
    "DNA, CODON, AUUCCGAUG, 3, 1*3 | 1*3 | 2*1 3*1 4*1",
    // Protein already has one token per codon, a stop included.
    "PROTEIN, CODON, AUGUAAGCU, 1, 1*1 | 2*1 | 3*1",
    "PROTEIN, CODON, AUGGCUAA, 1, 1*1 | 2*1",
    // Tokens as they are, without the special ones.
    "RNA, TOKEN, AUGG, 1, 1*1 | 2*1 | 3*1 | 4*1",
    "DNA, TOKEN, AUUCCGAC, 1, 1*1 | 2*1 | 3*1",
    "PROTEIN, TOKEN, AUGGCUAA, 1, 1*1 | 2*1",
  })
  void rowsAreTheExpectedWeightedMeans(
      Molecule molecule, Granularity granularity, String rna, int unit, String expected) {
    Segments segments = segments(granularity, molecule, rna, 0);
    assertEquals(expected, describe(segments, unit));
    Segments shifted = segments(granularity, molecule, rna, 70);
    assertArrayEquals(segments.offsets(), shifted.offsets());
    assertArrayEquals(segments.weights(), shifted.weights());
    assertArrayEquals(
        Arrays.stream(segments.rows()).map(row -> row + 70).toArray(), shifted.rows());
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "2, 0, 1", "3, 1, 1", "6, 2, 1", "7, 2, 2", "8, 2, 2", "9, 3, 2"})
  void codonsAreWholeAndWindowsCoverTheRest(int nucleotides, int codons, int windows) {
    assertEquals(codons, CodonAlignment.rows(Granularity.CODON, nucleotides));
    assertEquals(windows, CodonAlignment.rows(Granularity.WINDOW, nucleotides));
  }

  @ParameterizedTest
  @CsvSource({"DNA, WINDOW", "RNA, CODON", "PROTEIN, CODON"})
  void alignmentStartsFromWindowsForDnaAndFromCodonsOtherwise(
      Molecule molecule, Granularity expected) {
    assertEquals(expected, Granularity.aligned(molecule));
  }

  @ParameterizedTest
  @CsvSource({"PROTEIN, WINDOW, AUGAUGA", "PROTEIN, WINDOW, AU"})
  void rowsThatNoTokenCoversAreRefused(Molecule molecule, Granularity granularity, String rna) {
    var e =
        assertThrows(IllegalArgumentException.class, () -> segments(granularity, molecule, rna, 0));
    assertTrue(e.getMessage().contains("No token covers"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"DNA, CODON", "RNA, WINDOW", "PROTEIN, TOKEN"})
  void shortSequencesHaveNoRowsWithoutFailing(Molecule molecule, Granularity granularity) {
    assertEquals(0, segments(granularity, molecule, "", 0).count());
  }

  @Property
  void weightsAreTheSharesOfTheNucleotides(
      @ForAll("rna") String rna, @ForAll @IntRange(max = 1000) int firstRow) {
    for (Tokenizer tokenizer : TOKENIZERS) {
      Tokens tokens = tokenize(tokenizer, rna);
      for (Granularity granularity : List.of(Granularity.CODON, Granularity.WINDOW)) {
        boolean uncovered =
            granularity == Granularity.WINDOW && tokenizer.molecule() == Molecule.PROTEIN;
        if (!uncovered) {
          check(granularity, tokens, rna.length(), firstRow);
        }
      }
    }
  }

  /** Compares with shares that are counted nucleotide by nucleotide. */
  private static void check(Granularity granularity, Tokens tokens, int nucleotides, int first) {
    Segments segments = CodonAlignment.segments(granularity, tokens, nucleotides, first);
    assertEquals(CodonAlignment.rows(granularity, nucleotides), segments.count());
    for (int s = 0; s < segments.count(); s++) {
      float[] expected = new float[tokens.length()];
      int begin = s * granularity.nucleotides();
      int end = Math.min(nucleotides, begin + granularity.nucleotides());
      for (int n = begin; n < end; n++) {
        expected[tokenAt(tokens, n)] += 1f / (end - begin);
      }
      float[] actual = new float[tokens.length()];
      double sum = 0;
      for (int k = segments.offsets()[s]; k < segments.offsets()[s + 1]; k++) {
        int token = segments.rows()[k] - first;
        assertFalse(tokens.special(token));
        assertTrue(segments.weights()[k] > 0);
        assertEquals(0, actual[token], "a token appears twice in a row");
        actual[token] = segments.weights()[k];
        sum += segments.weights()[k];
      }
      assertArrayEquals(expected, actual, TOLERANCE);
      assertEquals(1, sum, TOLERANCE);
    }
  }

  private static int tokenAt(Tokens tokens, int nucleotide) {
    return IntStream.range(0, tokens.length())
        .filter(t -> tokens.starts()[t] <= nucleotide && nucleotide < tokens.ends()[t])
        .findFirst()
        .orElseThrow();
  }

  @Provide
  Arbitrary<String> rna() {
    return Arbitraries.strings().withChars("ACGUACGUACGUN").ofMaxLength(100);
  }

  private static Segments segments(
      Granularity granularity, Molecule molecule, String rna, int firstRow) {
    Tokenizer tokenizer = TOKENIZERS.get(molecule.ordinal());
    return CodonAlignment.segments(granularity, tokenize(tokenizer, rna), rna.length(), firstRow);
  }

  private static Tokens tokenize(Tokenizer tokenizer, String rna) {
    return tokenizer.tokenize(
        new CodingSequence("s", rna).as(tokenizer.molecule(), GeneticCode.standard()));
  }

  private static String describe(Segments segments, int unit) {
    return IntStream.range(0, segments.count())
        .mapToObj(
            s ->
                IntStream.range(segments.offsets()[s], segments.offsets()[s + 1])
                    .mapToObj(k -> member(segments, k, unit))
                    .collect(Collectors.joining(" ")))
        .collect(Collectors.joining(" | "));
  }

  private static String member(Segments segments, int k, int unit) {
    float parts = segments.weights()[k] * unit;
    assertEquals(Math.round(parts), parts, TOLERANCE);
    return segments.rows()[k] + "*" + Math.round(parts);
  }
}
