package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;

/**
 * Searches the sequences for one protein. A first look at all single changes says what each is
 * worth; then a beam of the best sequences is improved by bundles of changes, which dynamic
 * programming puts together as if their worths added up and the constraints allow, and by single
 * changes, and what is predicted for them corrects the worths. Deterministic.
 */
public final class Designer {
  private final GeneticCode code;
  private final Constraints constraints;
  private final boolean stops;
  private final DesignSettings settings;

  /**
   * A search.
   *
   * @param code translates
   * @param stops whether stop codons are exchanged too
   */
  public Designer(
      GeneticCode code, Constraints constraints, boolean stops, DesignSettings settings) {
    this.code = code;
    this.constraints = constraints;
    this.stops = stops;
    this.settings = settings;
  }

  /**
   * Designs a sequence.
   *
   * @param original the sequence to begin with; its protein stays
   * @param readable how many of its codons the objective reads; those behind are changed only where
   *     the constraints need it
   * @param objective what is to be raised or lowered
   * @throws CodonfuseException if no sequence satisfies the constraints, or none but the original
   *     codes for the protein
   */
  public Design design(CodingSequence original, int readable, Objective objective) {
    Feasibility.Found found = Feasibility.require(original, code, constraints, stops);
    if (!found.space().hasAlternatives()) {
      throw new CodonfuseException(
          ("'%s': has no codon that can be exchanged (codons of Met and Trp have no synonym, and"
                  + " what is kept stays); leave it out.")
              .formatted(original.id()));
    }
    Evaluations evaluations = new Evaluations(objective, settings.maximise());
    Effects effects = new Effects(found.space());
    int[] start = found.nearest();
    List<Candidate> beam = scan(found, start, readable, evaluations, effects);
    Proposals proposals = new Proposals(found, constraints, readable, effects, evaluations);
    int round = 0;
    int idle = 0;
    while (round < settings.rounds() && idle < DesignSettings.PATIENCE) {
      List<Proposals.Proposal> proposed = proposals.of(beam, settings.candidates());
      if (proposed.isEmpty()) {
        break;
      }
      round++;
      List<Candidate> seen = evaluate(proposed, evaluations, effects);
      double best = beam.getFirst().merit();
      beam = best(Stream.concat(beam.stream(), seen.stream()));
      idle = beam.getFirst().merit() > best ? 0 : idle + 1;
    }
    String rna =
        new Reversions(found, constraints, evaluations).simplify(beam.getFirst(), settings);
    return result(found, rna, evaluations, round);
  }

  /** Predicts for the start and all its single changes; returns the best that are allowed. */
  private List<Candidate> scan(
      Feasibility.Found found,
      int[] start,
      int readable,
      Evaluations evaluations,
      Effects effects) {
    Map<String, int[]> singles = new LinkedHashMap<>();
    String first = found.space().rna(start);
    singles.put(first, start);
    for (int i = 0; i < Math.min(readable, start.length); i++) {
      for (int c = 0; c < found.space().choices(i); c++) {
        if (c != start[i]) {
          int[] picks = start.clone();
          picks[i] = c;
          singles.put(found.space().rna(picks), picks);
        }
      }
    }
    evaluations.predict(singles.keySet());
    double merit = evaluations.merit(first);
    List<Candidate> allowed = new ArrayList<>();
    singles.forEach(
        (rna, picks) -> {
          effects.learn(start, picks, evaluations.merit(rna) - merit);
          if (constraints.violated(found.space().original(), rna).isEmpty()) {
            allowed.add(new Candidate(picks, rna, evaluations.merit(rna)));
          }
        });
    return best(allowed.stream());
  }

  private static List<Candidate> evaluate(
      List<Proposals.Proposal> proposed, Evaluations evaluations, Effects effects) {
    evaluations.predict(proposed.stream().map(p -> p.candidate().rna()).toList());
    List<Candidate> seen = new ArrayList<>();
    for (Proposals.Proposal proposal : proposed) {
      Candidate parent = proposal.parent();
      Candidate child = proposal.candidate();
      double merit = evaluations.merit(child.rna());
      effects.learn(parent.picks(), child.picks(), merit - parent.merit());
      seen.add(new Candidate(child.picks(), child.rna(), merit));
    }
    return seen;
  }

  private List<Candidate> best(Stream<Candidate> candidates) {
    return candidates
        .sorted(Comparator.comparingDouble((Candidate c) -> -c.merit()))
        .limit(settings.beam())
        .toList();
  }

  private Design result(Feasibility.Found found, String rna, Evaluations evaluations, int rounds) {
    CodingSequence original = found.space().original();
    CodingSequence designed = new CodingSequence(original.id(), rna);
    if (!designed.protein(code).equals(original.protein(code))
        || designed.length() != original.length()) {
      throw new IllegalStateException("The design of " + original.id() + " is another protein");
    }
    constraints
        .violated(original, rna)
        .ifPresent(
            broken -> {
              throw new IllegalStateException(
                  "The design of " + original.id() + " breaks " + broken.label());
            });
    List<Design.Change> changes = ChangeTable.of(original, designed, code, evaluations);
    return new Design(
        original,
        designed,
        evaluations.of(original.rna()),
        evaluations.of(rna),
        changes,
        found.space().changes(found.nearest()),
        evaluations.count(),
        rounds);
  }
}
