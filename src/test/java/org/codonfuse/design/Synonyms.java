package org.codonfuse.design;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.GeneticCode;

/** Short sequences and all their synonyms, one by one. */
final class Synonyms {
  static final GeneticCode CODE = GeneticCode.standard();

  private Synonyms() {}

  /** A start codon, random codons without stops, a stop. */
  static CodingSequence random(SplittableRandom random, int codons) {
    StringBuilder rna = new StringBuilder("AUG");
    while (rna.length() < 3 * (codons - 1)) {
      int codon = random.nextInt(Codons.COUNT);
      rna.append(CODE.translate(codon) == GeneticCode.STOP ? "" : Codons.letters(codon));
    }
    return new CodingSequence("s", rna + "UAA");
  }

  /** Every sequence of a space. */
  static List<String> all(SynonymousSpace space) {
    List<String> sequences = new ArrayList<>();
    extend(space, 0, "", sequences);
    return sequences;
  }

  private static void extend(
      SynonymousSpace space, int position, String beginning, List<String> sequences) {
    if (position == space.positions()) {
      sequences.add(beginning + space.tail());
      return;
    }
    for (int c = 0; c < space.choices(position); c++) {
      extend(space, position + 1, beginning + space.letters(position, c), sequences);
    }
  }

  /** Those of a space that satisfy all constraints. */
  static List<String> allowed(CodingSequence original, Constraints constraints) {
    return all(SynonymousSpace.of(original, CODE, constraints, false)).stream()
        .filter(rna -> constraints.violated(original, rna).isEmpty())
        .toList();
  }
}
