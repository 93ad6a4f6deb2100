package org.codonfuse.design;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;

/**
 * Whether any synonymous sequence satisfies all constraints, and if not, which ones rule it out.
 */
final class Feasibility {
  private final CodingSequence original;
  private final GeneticCode code;
  private final Constraints constraints;
  private final boolean stops;

  private Feasibility(
      CodingSequence original, GeneticCode code, Constraints constraints, boolean stops) {
    this.original = original;
    this.code = code;
    this.constraints = constraints;
    this.stops = stops;
  }

  /**
   * What can be chosen from.
   *
   * @param paths through the space
   * @param nearest the sequence that satisfies all constraints with the fewest changes
   */
  record Found(SynonymousSpace space, SynonymousPaths paths, int[] nearest) {}

  /**
   * Finds the nearest sequence that satisfies all constraints.
   *
   * @throws CodonfuseException if there is none, naming the constraint that alone rules it out
   */
  static Found require(
      CodingSequence original, GeneticCode code, Constraints constraints, boolean stops) {
    Feasibility feasibility = new Feasibility(original, code, constraints, stops);
    return feasibility.find(constraints).orElseThrow(feasibility::failure);
  }

  private Optional<Found> find(Constraints some) {
    SynonymousSpace space = SynonymousSpace.of(original, code, some, stops);
    SynonymousPaths paths = new SynonymousPaths(space, some);
    return paths
        .nearest()
        .filter(picks -> space.changes(picks) <= some.maxChanges())
        .map(picks -> new Found(space, paths, picks));
  }

  private CodonfuseException failure() {
    List<Constraint> all = constraints.all();
    List<Constraint> alone =
        all.stream().filter(one -> find(constraints.without(one)).isPresent()).toList();
    if (alone.size() == 1) {
      Constraint tightest = alone.getFirst();
      return failed(
          "%s rules it out%s; relax or leave it out.".formatted(tightest.label(), why(tightest)));
    }
    if (alone.size() > 1) {
      return failed(
          "giving up any one of these allows one: %s; relax or leave one out."
              .formatted(alone.stream().map(this::explained).collect(Collectors.joining(", "))));
    }
    List<Constraint> impossible =
        all.stream().filter(one -> find(new Constraints(List.of(one))).isEmpty()).toList();
    if (impossible.size() > 1) {
      return failed(
          "%s cannot be satisfied even alone; relax or leave out all of these."
              .formatted(
                  impossible.stream().map(this::explained).collect(Collectors.joining(", "))));
    }
    return failed(
        pair(all)
            .map(
                pair ->
                    "only without both %s there is one; relax or leave out both."
                        .formatted(
                            pair.stream()
                                .map(this::explained)
                                .collect(Collectors.joining(" and "))))
            .orElse("more than two must be given up together; relax or leave out several."));
  }

  private Optional<List<Constraint>> pair(List<Constraint> all) {
    List<List<Constraint>> pairs = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        pairs.add(List.of(all.get(i), all.get(j)));
      }
    }
    return pairs.stream()
        .filter(
            pair -> find(constraints.without(pair.getFirst()).without(pair.getLast())).isPresent())
        .findFirst();
  }

  private CodonfuseException failed(String reason) {
    return new CodonfuseException(
        "'%s': no sequence for the same protein satisfies all constraints: %s"
            .formatted(original.id(), reason));
  }

  private String explained(Constraint constraint) {
    return constraint.label() + why(constraint);
  }

  /** In parentheses, what can be reached instead; empty where nothing short can be said. */
  private String why(Constraint constraint) {
    return switch (constraint) {
      case Constraint.GcRange range -> gc(range);
      case Constraint.MaxChanges changes ->
          find(constraints.without(changes))
              .map(
                  found ->
                      " (at least %d are needed)".formatted(found.space().changes(found.nearest())))
              .orElse("");
      case Constraint.Avoid _, Constraint.MaxHomopolymer _ -> place(constraint);
      case Constraint.MinUsage _, Constraint.Keep _ -> "";
    };
  }

  private String gc(Constraint.GcRange range) {
    Constraints others =
        new Constraints(
            Stream.concat(
                    constraints.without(range).all().stream(),
                    Stream.of(new Constraint.GcRange(0, 1)))
                .toList());
    SynonymousSpace space = SynonymousSpace.of(original, code, others, stops);
    double length = original.length();
    return new SynonymousPaths(space, others)
        .reachableGc()
        .map(
            counts ->
                String.format(
                    Locale.ROOT,
                    " (synonymous codons reach from %.3f to %.3f)",
                    counts[0] / length,
                    counts[1] / length))
        .orElse("");
  }

  private String place(Constraint constraint) {
    Constraints others =
        new Constraints(
            constraints.all().stream()
                .filter(
                    other ->
                        other.equals(constraint)
                            || other instanceof Constraint.Keep
                            || other instanceof Constraint.MinUsage)
                .toList());
    OptionalInt dead =
        new SynonymousPaths(SynonymousSpace.of(original, code, others, stops), others).dead();
    return dead.isPresent()
        ? " (no codons avoid it at codon %d)".formatted(dead.getAsInt() + 1)
        : "";
  }
}
