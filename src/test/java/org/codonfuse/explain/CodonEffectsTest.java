package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.Explanation.PositionProfile;
import org.junit.jupiter.api.Test;

class CodonEffectsTest {
  private static final List<String> OUTPUTS = List.of("y");

  private static CodonAttribution attribution(
      String id, String modality, int position, double value) {
    return new CodonAttribution(id, "y", modality, position, "GCU", "A", value);
  }

  private static Mutation mutation(
      int position, String codon, String acid, String mutant, String mutantAcid, double change) {
    return new Mutation("s", "y", position, codon, acid, mutant, mutantAcid, 0, change);
  }

  private static CodonEffects attributions(CodonAttribution... attributions) {
    return CodonEffects.of(OUTPUTS, Map.of("s", 10, "t", 10), List.of(attributions), List.of());
  }

  private static double effect(CodonEffects effects, Evidence evidence, String codon) {
    return effects.effects().stream()
        .filter(e -> e.evidence() == evidence && e.codon().equals(codon))
        .mapToDouble(CodonEffect::effect)
        .findFirst()
        .orElse(Double.NaN);
  }

  @Test
  void modalitiesOfAPlaceAreAddedAndPlacesAveraged() {
    CodonEffect effect =
        attributions(
                attribution("s", "dna", 1, 1),
                attribution("s", "rna", 1, 2),
                attribution("s", "dna", 2, 5))
            .effects()
            .getFirst();
    assertEquals(4, effect.effect(), 1e-12);
    assertEquals(2, effect.count());
  }

  @Test
  void theIntervalIsOverSequences() {
    // However often a sequence repeats itself, there are two of them: t with one degree of freedom.
    for (int places : List.of(1, 9)) {
      CodonAttribution[] rows = new CodonAttribution[2 * places];
      for (int i = 0; i < places; i++) {
        rows[2 * i] = attribution("s", "rna", i + 1, 1);
        rows[2 * i + 1] = attribution("t", "rna", i + 1, 3);
      }
      CodonEffect effect = attributions(rows).effects().getFirst();
      assertEquals(2, effect.effect(), 1e-12);
      assertEquals(2 - 12.706, effect.low(), 1e-3);
      assertEquals(2 + 12.706, effect.high(), 1e-3);
      assertEquals(2 * places, effect.count());
    }
  }

  @Test
  void oneSequenceHasNoInterval() {
    CodonEffect effect =
        attributions(attribution("s", "rna", 1, 1), attribution("s", "rna", 2, 2))
            .effects()
            .getFirst();
    assertEquals(1.5, effect.effect(), 1e-12);
    assertTrue(Double.isNaN(effect.low()) && Double.isNaN(effect.high()));
  }

  @Test
  void synonymsAreComparedWithTheirMean() {
    CodonEffects effects =
        CodonEffects.of(
            OUTPUTS, Map.of("s", 1), List.of(), List.of(mutation(1, "UUU", "F", "UUC", "F", 2)));
    assertEquals(-1, effect(effects, Evidence.SYNONYMOUS, "UUU"), 1e-12);
    assertEquals(1, effect(effects, Evidence.SYNONYMOUS, "UUC"), 1e-12);
    assertEquals(2, effects.effects().size());
  }

  @Test
  void stopsAreNotComparedWithAnyCodon() {
    CodonEffects effects =
        CodonEffects.of(
            OUTPUTS,
            Map.of("s", 2),
            List.of(),
            List.of(
                mutation(1, "UUU", "F", "UUC", "F", 3),
                mutation(1, "UUU", "F", "GCU", "A", 0),
                mutation(2, "UAA", "*", "UAG", "*", 5)));
    assertEquals(2, effect(effects, Evidence.ANY_CODON, "UUC"), 1e-12);
    assertEquals(-1, effect(effects, Evidence.ANY_CODON, "GCU"), 1e-12);
    assertTrue(Double.isNaN(effect(effects, Evidence.ANY_CODON, "UAG")));
    assertEquals(2.5, effect(effects, Evidence.SYNONYMOUS, "UAG"), 1e-12);
  }

  @Test
  void binsAreTenthsOfTheSequence() {
    CodonEffects effects =
        attributions(
            attribution("s", "rna", 1, 1),
            attribution("s", "rna", 2, 2),
            attribution("s", "rna", 10, 3));
    assertEquals(List.of(1, 2, 10), effects.profiles().stream().map(PositionProfile::bin).toList());
  }
}
