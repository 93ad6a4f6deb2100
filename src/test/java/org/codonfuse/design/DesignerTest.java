package org.codonfuse.design;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.junit.jupiter.api.Test;

class DesignerTest {
  private static final DesignSettings DEFAULTS = new DesignSettings(true, 8, 32, 20, 0);

  private static Objective objective(ToDoubleFunction<String> value) {
    return sequences -> sequences.stream().map(rna -> of(value.applyAsDouble(rna))).toList();
  }

  private static Prediction of(double value) {
    return new Prediction(value, List.of(value));
  }

  /** A worth of each codon at each position. */
  private static ToDoubleFunction<String> additive(long seed, int positions) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] worth = random.doubles((long) Codons.COUNT * positions).toArray();
    return rna -> {
      double sum = 0;
      for (int i = 0; i < rna.length() / 3; i++) {
        sum += worth[i * Codons.COUNT + Codons.index(rna, 3 * i)];
      }
      return sum;
    };
  }

  /** The same and a worth of each pair of neighbours. */
  private static ToDoubleFunction<String> pairwise(long seed, int positions, double strength) {
    double[] worth =
        new SplittableRandom(~seed).doubles((long) Codons.COUNT * Codons.COUNT).toArray();
    ToDoubleFunction<String> single = additive(seed, positions);
    return rna -> {
      double sum = single.applyAsDouble(rna);
      for (int i = 0; i + 1 < rna.length() / 3; i++) {
        int pair = Codons.index(rna, 3 * i) * Codons.COUNT + Codons.index(rna, 3 * i + 3);
        sum += strength * worth[pair];
      }
      return sum;
    };
  }

  private static Design design(
      CodingSequence original, Constraints constraints, DesignSettings settings, Objective by) {
    return new Designer(Synonyms.CODE, constraints, false, settings)
        .design(original, Integer.MAX_VALUE, by);
  }

  private static Constraints someConstraints() {
    return new Constraints(
        List.of(
            new Constraint.GcRange(0.4, 0.5),
            new Constraint.MaxHomopolymer(3),
            new Constraint.Avoid("CNG", List.of(Motif.parse("--avoid-motif", "CTNG")))));
  }

  @Test
  void worthsThatAddUpAreMaximisedExactly() {
    int constrained = 0;
    for (int seed = 0; seed < 40; seed++) {
      CodingSequence original = Synonyms.random(new SplittableRandom(seed), 8);
      ToDoubleFunction<String> value = additive(seed, 8);
      Constraints constraints = seed % 2 == 0 ? Constraints.none() : someConstraints();
      List<String> allowed = Synonyms.allowed(original, constraints);
      if (allowed.isEmpty()) {
        continue;
      }
      constrained += seed % 2;
      double best = allowed.stream().mapToDouble(value).max().orElseThrow();
      Design design = design(original, constraints, DEFAULTS, objective(value));
      assertEquals(best, design.after().value(), 1e-9, "seed " + seed);
      assertEquals(design.after().value(), value.applyAsDouble(design.designed().rna()), 1e-12);
    }
    assertTrue(constrained > 5, "constrained " + constrained);
  }

  @Test
  void theLeastIsFoundToo() {
    for (int seed = 0; seed < 10; seed++) {
      CodingSequence original = Synonyms.random(new SplittableRandom(seed), 7);
      ToDoubleFunction<String> value = additive(seed, 7);
      double least =
          Synonyms.allowed(original, Constraints.none()).stream()
              .mapToDouble(value)
              .min()
              .orElseThrow();
      DesignSettings settings = new DesignSettings(false, 8, 32, 20, 0);
      assertEquals(
          least,
          design(original, Constraints.none(), settings, objective(value)).after().value(),
          1e-9);
    }
  }

  @Test
  void neighboursThatMatterTogetherAreMostlyMaximised() {
    int optimal = 0;
    double reached = 0;
    for (int seed = 0; seed < 40; seed++) {
      CodingSequence original = Synonyms.random(new SplittableRandom(seed), 8);
      ToDoubleFunction<String> value = pairwise(seed, 8, 1);
      Constraints constraints = seed % 2 == 0 ? Constraints.none() : someConstraints();
      List<String> allowed = Synonyms.allowed(original, constraints);
      if (allowed.isEmpty()) {
        optimal++;
        reached++;
        continue;
      }
      double best = allowed.stream().mapToDouble(value).max().orElseThrow();
      double before = value.applyAsDouble(original.rna());
      double after = design(original, constraints, DEFAULTS, objective(value)).after().value();
      optimal += after > best - 1e-9 ? 1 : 0;
      reached += best - before < 1e-9 ? 1 : (after - before) / (best - before);
    }
    assertTrue(optimal >= 34, "optimal " + optimal + ", reached " + reached / 40);
    assertTrue(reached / 40 > 0.97, "reached " + reached / 40);
  }

  @Test
  void aLimitOfChangesIsUsedForTheBestOnes() {
    for (int seed = 0; seed < 20; seed++) {
      CodingSequence original = Synonyms.random(new SplittableRandom(seed), 9);
      ToDoubleFunction<String> value = additive(seed, 9);
      Constraints constraints = new Constraints(List.of(new Constraint.MaxChanges(3)));
      double best =
          Synonyms.allowed(original, constraints).stream().mapToDouble(value).max().orElseThrow();
      Design design = design(original, constraints, DEFAULTS, objective(value));
      assertTrue(design.changes().size() <= 3);
      assertEquals(best, design.after().value(), 1e-9, "seed " + seed);
    }
  }

  @Test
  void longSequencesNeedFewPredictionsMoreThanSingleChanges() {
    CodingSequence original = Synonyms.random(new SplittableRandom(3), 226);
    ToDoubleFunction<String> value = additive(3, 226);
    Design design = design(original, someConstraints(), DEFAULTS, objective(value));
    assertTrue(someConstraints().violated(original, design.designed().rna()).isEmpty());
    assertTrue(design.after().value() > design.before().value() + 20);
    SynonymousSpace space = SynonymousSpace.of(original, Synonyms.CODE, Constraints.none(), false);
    int singles = 0;
    for (int i = 0; i < space.positions(); i++) {
      singles += space.choices(i) - 1;
    }
    assertTrue(design.evaluations() < 3 * singles, design.evaluations() + " of " + singles);
  }

  @Test
  void everySequenceIsPredictedOnceAndAlwaysTheSame() {
    CodingSequence original = Synonyms.random(new SplittableRandom(4), 30);
    Set<String> seen = new HashSet<>();
    List<String> order = new ArrayList<>();
    ToDoubleFunction<String> value = pairwise(4, 30, 1);
    Objective once =
        sequences -> {
          sequences.forEach(rna -> assertTrue(seen.add(rna), rna));
          order.addAll(sequences);
          return objective(value).predict(sequences);
        };
    Design first = design(original, Constraints.none(), DEFAULTS, once);
    assertEquals(seen.size(), first.evaluations());
    List<String> before = List.copyOf(order);
    seen.clear();
    order.clear();
    assertEquals(first, design(original, Constraints.none(), DEFAULTS, once));
    assertEquals(before, order);
  }

  @Test
  void changesAreListedWithWhatTheyContribute() {
    CodingSequence original = Synonyms.random(new SplittableRandom(6), 20);
    ToDoubleFunction<String> value = additive(6, 20);
    Design design = design(original, Constraints.none(), DEFAULTS, objective(value));
    double sum = design.before().value();
    for (Design.Change change : design.changes()) {
      sum += change.alone();
      assertEquals(sum, change.cumulative(), 1e-9);
      assertTrue(change.alone() > 0);
      int at = 3 * (change.position() - 1);
      assertEquals(original.rna().substring(at, at + 3), change.from());
      assertEquals(design.designed().rna().substring(at, at + 3), change.to());
      assertNotEquals(change.from(), change.to());
      assertEquals(change.aminoAcid(), Synonyms.CODE.translate(change.to()));
    }
    assertEquals(design.after().value(), sum, 1e-9);
    assertEquals(
        Constraints.changes(original.rna(), design.designed().rna()), design.changes().size());
  }

  @Test
  void changesThatContributeLittleAreTakenBack() {
    CodingSequence original = Synonyms.random(new SplittableRandom(8), 30);
    ToDoubleFunction<String> value = additive(8, 30);
    DesignSettings settings = new DesignSettings(true, 8, 32, 20, 0.3);
    List<Design.Change> all =
        design(original, Constraints.none(), DEFAULTS, objective(value)).changes();
    List<Design.Change> large =
        design(original, Constraints.none(), settings, objective(value)).changes();
    assertTrue(large.size() < all.size());
    assertEquals(
        all.stream().filter(change -> change.alone() > 0.3).map(Design.Change::position).toList(),
        large.stream().map(Design.Change::position).toList());
    // What makes no difference at all is not changed.
    assertEquals(
        0, design(original, Constraints.none(), DEFAULTS, objective(_ -> 1)).changes().size());
  }

  @Test
  void anOriginalThatBreaksConstraintsIsRepaired() {
    CodingSequence original = new CodingSequence("s", "AUGGGUCUCAAAAAAAAAUUUUAA");
    Constraints constraints =
        new Constraints(
            List.of(
                new Constraint.Avoid(
                    "--avoid-site BsaI", RestrictionSites.of("", "BsaI").bothStrands()),
                new Constraint.MaxHomopolymer(4)));
    Design design = design(original, constraints, DEFAULTS, objective(_ -> 0));
    assertTrue(constraints.violated(original, design.designed().rna()).isEmpty());
    assertEquals(design.repaired(), design.changes().size());
    assertEquals("MGLKKKF*", design.designed().protein(Synonyms.CODE));
  }

  @Test
  void codonsBehindWhatModelsReadStayUnlessConstraintsNeedThem() {
    CodingSequence original = Synonyms.random(new SplittableRandom(9), 30);
    ToDoubleFunction<String> ofAll = additive(9, 30);
    Objective objective = objective(rna -> ofAll.applyAsDouble(rna.substring(0, 30)));
    Designer free = new Designer(Synonyms.CODE, Constraints.none(), false, DEFAULTS);
    assertEquals(
        original.rna().substring(30),
        free.design(original, 10, objective).designed().rna().substring(30));
    Constraints gc = new Constraints(List.of(new Constraint.GcRange(0.6, 0.65)));
    Designer rich = new Designer(Synonyms.CODE, gc, false, DEFAULTS);
    assertNotEquals(
        original.rna().substring(30),
        rich.design(original, 10, objective).designed().rna().substring(30));
  }

  @Test
  void startsStopsAmbiguousCodonsAndRemaindersStay() {
    CodingSequence original = new CodingSequence("s", "AUGCUNUAAGCURUUUAGCG");
    SynonymousSpace space = SynonymousSpace.of(original, Synonyms.CODE, Constraints.none(), false);
    List<String> all = Synonyms.all(space);
    assertEquals(4, all.size());
    assertTrue(all.stream().allMatch(rna -> rna.matches("AUGCUNUAAGC[ACGU]RUUUAGCG")));
    // UAA, UAG and UGA in both places.
    assertEquals(
        36,
        Synonyms.all(SynonymousSpace.of(original, Synonyms.CODE, Constraints.none(), true)).size());
    Constraints keep = new Constraints(List.of(new Constraint.Keep("--keep 4", Set.of(4))));
    assertEquals(
        List.of(original.rna()),
        Synonyms.all(SynonymousSpace.of(original, Synonyms.CODE, keep, false)));
  }

  @Test
  void sequencesWithoutSynonymsAreRefused() {
    String message =
        assertThrows(
                CodonfuseException.class,
                () ->
                    design(
                        new CodingSequence("m", "AUGUGGAUG"),
                        Constraints.none(),
                        DEFAULTS,
                        objective(_ -> 0)))
            .getMessage();
    assertTrue(message.startsWith("'m': has no codon that can be exchanged"), message);
  }
}
