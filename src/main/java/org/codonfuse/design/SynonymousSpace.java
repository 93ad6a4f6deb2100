package org.codonfuse.design;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.GeneticCode;

/**
 * The sequences that code for the same protein, as far as constraints on single codons allow them.
 * A sequence of the space is an array of picks: for every position an index into its choices.
 * Immutable.
 */
final class SynonymousSpace {
  /** The choice of a position that stays as it is, whatever its letters. */
  static final int AS_IT_IS = -1;

  private final CodingSequence original;
  private final GeneticCode code;
  private final int[][] choices;

  private SynonymousSpace(CodingSequence original, GeneticCode code, int[][] choices) {
    this.original = original;
    this.code = code;
    this.choices = choices;
  }

  /**
   * The space around a sequence. Its first codon stays if it is a start codon, and codons with
   * ambiguous nucleotides stay; so do stop codons, unless {@code stops}.
   */
  static SynonymousSpace of(
      CodingSequence original, GeneticCode code, Constraints constraints, boolean stops) {
    Set<Integer> kept =
        constraints.find(Constraint.Keep.class).map(Constraint.Keep::positions).orElse(Set.of());
    Optional<Constraint.MinUsage> usage = constraints.find(Constraint.MinUsage.class);
    int[][] choices = new int[original.codons()][];
    for (int i = 0; i < choices.length; i++) {
      String letters = original.rna().substring(3 * i, 3 * i + 3);
      int codon = Codons.index(letters, 0);
      boolean stays =
          codon < 0
              || kept.contains(i + 1)
              || (i == 0 && code.isStart(letters))
              || (!stops && code.translate(codon) == GeneticCode.STOP);
      choices[i] = stays ? new int[] {AS_IT_IS} : synonyms(codon, code, usage);
    }
    return new SynonymousSpace(original, code, choices);
  }

  /** The codon itself first, if it is common enough. */
  private static int[] synonyms(int codon, GeneticCode code, Optional<Constraint.MinUsage> usage) {
    List<Integer> synonyms = new ArrayList<>();
    for (int other = 0; other < Codons.COUNT; other++) {
      int candidate = other;
      if (code.translate(other) == code.translate(codon)
          && usage
              .map(of -> of.frequencies().relative(candidate, code) >= of.least())
              .orElse(true)) {
        synonyms.add(other == codon ? 0 : synonyms.size(), other);
      }
    }
    return synonyms.stream().mapToInt(Integer::intValue).toArray();
  }

  CodingSequence original() {
    return original;
  }

  /** The number of codons. */
  int positions() {
    return choices.length;
  }

  /** The number of codons that may stand at a position, counted from 0; at least 1. */
  int choices(int position) {
    return choices[position].length;
  }

  /** The index of a codon that may stand at a position, or {@link #AS_IT_IS}. */
  int codon(int position, int choice) {
    return choices[position][choice];
  }

  /** Whether a choice is what the original has. */
  boolean isOriginal(int position, int choice) {
    int codon = choices[position][choice];
    return codon == AS_IT_IS || codon == Codons.index(original.rna(), 3 * position);
  }

  /** The letters of a choice. */
  String letters(int position, int choice) {
    int codon = choices[position][choice];
    return codon == AS_IT_IS
        ? original.rna().substring(3 * position, 3 * position + 3)
        : Codons.letters(codon);
  }

  /** What follows the last codon: no, one or two nucleotides. */
  String tail() {
    return original.rna().substring(3 * positions());
  }

  /** The amino acid at a position. */
  char aminoAcid(int position) {
    return code.translate(original.rna().substring(3 * position, 3 * position + 3));
  }

  /** Whether any position has a choice other than the original's. */
  boolean hasAlternatives() {
    for (int i = 0; i < choices.length; i++) {
      if (choices[i].length > 1 || !isOriginal(i, 0)) {
        return true;
      }
    }
    return false;
  }

  /** The sequence of picks. */
  String rna(int[] picks) {
    StringBuilder rna = new StringBuilder(original.length());
    for (int i = 0; i < picks.length; i++) {
      rna.append(letters(i, picks[i]));
    }
    return rna.append(tail()).toString();
  }

  /** The number of codons that differ from the original's. */
  int changes(int[] picks) {
    int changes = 0;
    for (int i = 0; i < picks.length; i++) {
      changes += isOriginal(i, picks[i]) ? 0 : 1;
    }
    return changes;
  }
}
