package org.codonfuse.baseline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.sequence.CodingSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceFeaturesTest {
  @Test
  void codonsAreCountedInFrameWithoutAmbiguousOnes() {
    Map<String, Double> shares = of(new CodonUsage(), "AUGAUGGCCNUGAU");

    assertEquals(Map.of("AUG", 2.0 / 3, "GCC", 1.0 / 3), shares);
  }

  @Test
  void kmersAreCountedInEveryFrame() {
    Map<String, Double> shares = of(new KmerFrequencies(2), "AUAUN" + "G");

    assertEquals(Map.of("A", 0.4, "U", 0.4, "G", 0.2, "AU", 2.0 / 3, "UA", 1.0 / 3), shares);
  }

  @Test
  void kmersOfEveryLengthHaveAColumn() {
    List<String> columns = new KmerFrequencies(4).columns();

    assertEquals(4 + 16 + 64 + 256, columns.stream().distinct().count());
    assertEquals(340, new KmerFrequencies(4).of(new CodingSequence("s", "AUG")).length);
  }

  @Test
  void gcIsMeasuredAtEveryPositionOfTheCodon() {
    double[] values = new LengthAndGc().of(new CodingSequence("s", "GACGUNAC"));

    assertArrayEquals(new double[] {8, Math.log(8), 4.0 / 7, 2.0 / 3, 1.0 / 3, 1.0}, values, 1e-15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"codon-usage", "kmer", "length-gc"})
  void sequencesWithoutAnyKnownBaseHaveFiniteFeatures(String name) {
    SequenceFeatures features = SequenceFeatures.named(name, 3).orElseThrow();

    double[] values = features.of(new CodingSequence("s", "NNN"));

    assertEquals(features.columns().size(), values.length);
    assertEquals(name, features.name());
    assertEquals(0, Arrays.stream(values).filter(v -> !Double.isFinite(v)).count());
  }

  /** What is not 0, by column. */
  private static Map<String, Double> of(SequenceFeatures features, String rna) {
    double[] values = features.of(new CodingSequence("s", rna));
    Map<String, Double> found = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0) {
        found.put(features.columns().get(i), values[i]);
      }
    }
    return found;
  }
}
