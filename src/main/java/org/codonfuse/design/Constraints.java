package org.codonfuse.design;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Nucleotides;

/**
 * All that a designed sequence must satisfy.
 *
 * @param all at most one of a kind but for patterns
 */
public record Constraints(List<Constraint> all) {
  private static final int G_AND_C = 2 | 8;

  public Constraints {
    all = List.copyOf(all);
  }

  /** Nothing but the protein. */
  public static Constraints none() {
    return new Constraints(List.of());
  }

  Constraints without(Constraint constraint) {
    return new Constraints(all.stream().filter(other -> !other.equals(constraint)).toList());
  }

  <T extends Constraint> Optional<T> find(Class<T> kind) {
    return all.stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /** Every pattern that must not occur, runs of one base among them. */
  List<Motif> motifs() {
    return all.stream()
        .flatMap(
            constraint ->
                switch (constraint) {
                  case Constraint.Avoid avoid -> avoid.motifs().stream();
                  case Constraint.MaxHomopolymer runs -> runs.motifs().stream();
                  default -> Stream.empty();
                })
        .toList();
  }

  int maxChanges() {
    return find(Constraint.MaxChanges.class)
        .map(Constraint.MaxChanges::most)
        .orElse(Integer.MAX_VALUE);
  }

  /** G and C in a sequence, see {@link Constraint.GcRange}. */
  static int gc(CharSequence rna) {
    return (int) rna.chars().filter(c -> Motif.fits(Nucleotides.bases((char) c), G_AND_C)).count();
  }

  /**
   * The first constraint that a sequence does not satisfy, but for those of which codons may stand
   * where: a synonymous space has no others.
   *
   * @param original what changes are counted against
   * @param rna as long as the original
   */
  Optional<Constraint> violated(CodingSequence original, String rna) {
    return all.stream().filter(constraint -> !holds(constraint, original, rna)).findFirst();
  }

  private static boolean holds(Constraint constraint, CodingSequence original, String rna) {
    return switch (constraint) {
      case Constraint.GcRange range -> {
        int gc = gc(rna);
        yield gc >= range.least(rna.length()) && gc <= range.most(rna.length());
      }
      case Constraint.Avoid avoid ->
          avoid.motifs().stream().allMatch(motif -> motif.find(rna).isEmpty());
      case Constraint.MaxHomopolymer runs ->
          runs.motifs().stream().allMatch(motif -> motif.find(rna).isEmpty());
      case Constraint.MaxChanges changes -> changes(original.rna(), rna) <= changes.most();
      case Constraint.MinUsage _, Constraint.Keep _ -> true;
    };
  }

  /** The codons in which two sequences differ. */
  static int changes(String one, String other) {
    return (int)
        IntStream.range(0, one.length() / 3)
            .filter(i -> !one.regionMatches(3 * i, other, 3 * i, 3))
            .count();
  }
}
