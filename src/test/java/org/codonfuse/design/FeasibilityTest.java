package org.codonfuse.design;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.junit.jupiter.api.Test;

/** Dynamic programming against all synonymous sequences one by one. */
class FeasibilityTest {
  private static final List<String> MOTIFS = List.of("GGTCTC", "GC", "CNG", "TTY", "RAR", "ACG");

  /** At most one of each kind, often contradicting each other. */
  private static Constraints constraints(SplittableRandom random) {
    List<Constraint> constraints = new ArrayList<>();
    if (random.nextInt(3) > 0) {
      double low = random.nextDouble(0.3, 0.6);
      constraints.add(new Constraint.GcRange(low, low + random.nextDouble(0.15)));
    }
    for (String motif : MOTIFS) {
      if (random.nextInt(5) == 0) {
        constraints.add(
            new Constraint.Avoid(motif, Motif.parse("--avoid-motif", motif).bothStrands()));
      }
    }
    if (random.nextInt(3) == 0) {
      constraints.add(new Constraint.MaxHomopolymer(random.nextInt(2, 4)));
    }
    if (random.nextInt(4) == 0) {
      constraints.add(new Constraint.MaxChanges(random.nextInt(4)));
    }
    if (random.nextInt(4) == 0) {
      constraints.add(new Constraint.Keep("--keep 2-3", Set.of(2, 3)));
    }
    return new Constraints(constraints);
  }

  @Property(tries = 300)
  void theNearestSequenceHasTheFewestChangesOfAll(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    CodingSequence original = Synonyms.random(random, 7);
    Constraints constraints = constraints(random);
    OptionalInt fewest =
        Synonyms.allowed(original, constraints).stream()
            .mapToInt(rna -> Constraints.changes(original.rna(), rna))
            .min();

    if (fewest.isPresent()) {
      Feasibility.Found found = Feasibility.require(original, Synonyms.CODE, constraints, false);
      String rna = found.space().rna(found.nearest());
      assertTrue(constraints.violated(original, rna).isEmpty());
      assertEquals(fewest.getAsInt(), Constraints.changes(original.rna(), rna));
    } else {
      assertThrows(
          CodonfuseException.class,
          () -> Feasibility.require(original, Synonyms.CODE, constraints, false));
    }
  }

  @Property(tries = 200)
  void theBestSequenceByScoresIsTheBestOfAll(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    CodingSequence original = Synonyms.random(random, 7);
    Constraints some = constraints(random);
    Constraints constraints =
        some.find(Constraint.MaxChanges.class).map(some::without).orElse(some);
    SynonymousSpace space = SynonymousSpace.of(original, Synonyms.CODE, constraints, false);
    double[][] worth = new double[space.positions()][Codons.COUNT];
    double[][] scores = new double[space.positions()][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = new double[space.choices(i)];
      for (int c = 0; c < scores[i].length; c++) {
        scores[i][c] = random.nextDouble();
        worth[i][Math.max(0, Codons.index(space.letters(i, c), 0))] = scores[i][c];
      }
    }
    OptionalDouble best =
        Synonyms.allowed(original, constraints).stream().mapToDouble(rna -> sum(worth, rna)).max();
    OptionalDouble found =
        new SynonymousPaths(space, constraints)
            .best(scores, new int[scores.length]).stream()
                .mapToDouble(picks -> sum(worth, space.rna(picks)))
                .max();

    assertEquals(best.isPresent(), found.isPresent());
    best.ifPresent(value -> assertEquals(value, found.getAsDouble(), 1e-9));
  }

  private static double sum(double[][] worth, String rna) {
    double sum = 0;
    for (int i = 0; i < worth.length; i++) {
      sum += worth[i][Codons.index(rna, 3 * i)];
    }
    return sum;
  }

  private static String failure(String rna, Constraint... constraints) {
    return assertThrows(
            CodonfuseException.class,
            () ->
                Feasibility.require(
                    new CodingSequence("gene", rna),
                    Synonyms.CODE,
                    new Constraints(List.of(constraints)),
                    false))
        .getMessage();
  }

  private static Constraint avoid(String motif) {
    return new Constraint.Avoid(
        "--avoid-motif " + motif, List.of(Motif.parse("--avoid-motif", motif)));
  }

  @Test
  void theConstraintThatRulesEverythingOutIsNamedWithWhatCanBeReached() {
    // Met, Lys, Phe, Trp: from 5 to 7 G and C in 15 nucleotides.
    String rna = "AUGAAAUUUUGGUAA";
    assertTrue(
        failure(rna, new Constraint.GcRange(0.5, 0.6), avoid("GGTCTC"))
            .endsWith(
                "--gc 0.5:0.6 rules it out (synonymous codons reach from 0.200 to 0.333);"
                    + " relax or leave it out."),
        failure(rna, new Constraint.GcRange(0.5, 0.6), avoid("GGTCTC")));
    assertTrue(
        failure(rna, avoid("TGG"), new Constraint.GcRange(0.2, 0.6))
            .contains("--avoid-motif TGG rules it out (no codons avoid it at codon 4)"));
    String changes = failure(rna, new Constraint.GcRange(0.3, 0.6), new Constraint.MaxChanges(1));
    assertTrue(changes.contains("--max-changes 1 (at least 2 are needed)"), changes);
    assertTrue(changes.contains("giving up any one of these"), changes);
    assertTrue(changes.contains("--gc 0.3:0.6 (synonymous codons reach from 0.200 to 0.333)"));
  }

  @Test
  void constraintsThatRuleItOutTogetherOrEachAloneAreNamed() {
    String rna = "AUGAAAUUUUGGUAA";
    String alone = failure(rna, avoid("TGG"), avoid("ATG"), avoid("CCC"));
    assertTrue(
        alone.contains(
            "--avoid-motif TGG (no codons avoid it at codon 4), --avoid-motif ATG (no codons avoid"
                + " it at codon 1) cannot be satisfied even alone"),
        alone);
    // Lysine is AAA or AAG: each is ruled out twice.
    String both = failure("AUGAAAUAA", avoid("AAAT"), avoid("GAAAT"), avoid("AAGT"));
    assertTrue(both.contains("--avoid-motif AAGT"), both);
  }

  @Test
  void tooManyAmbiguousPatternsAreRefused() {
    CodingSequence original = Synonyms.random(new SplittableRandom(1), 300);
    Constraints constraints =
        new Constraints(
            List.of(avoid("A" + "N".repeat(50) + "ACGTCA"), avoid("G" + "N".repeat(50) + "TAGCA")));
    assertTrue(
        assertThrows(
                UsageException.class,
                () -> Feasibility.require(original, Synonyms.CODE, constraints, false))
            .getMessage()
            .contains("leave out some"));
  }

  @Test
  void realSequencesWithManyConstraintsAreQuick() {
    List<Constraint> constraints = new ArrayList<>();
    for (String enzyme : List.of("BsaI", "BsmBI", "EcoRI", "XbaI", "SfiI", "NotI", "HindIII")) {
      constraints.add(
          new Constraint.Avoid(enzyme, RestrictionSites.of("--avoid-site", enzyme).bothStrands()));
    }
    constraints.add(new Constraint.GcRange(0.55, 0.57));
    constraints.add(new Constraint.MaxHomopolymer(4));
    CodingSequence original = Synonyms.random(new SplittableRandom(5), 1000);
    Constraints all = new Constraints(constraints);
    Feasibility.Found found = Feasibility.require(original, Synonyms.CODE, all, false);
    assertTrue(all.violated(original, found.space().rna(found.nearest())).isEmpty());
  }
}
