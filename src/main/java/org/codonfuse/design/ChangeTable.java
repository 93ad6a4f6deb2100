package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;

/** What each change of a design contributes. */
final class ChangeTable {
  private ChangeTable() {}

  /** The changes, those first that are best alone. */
  static List<Design.Change> of(
      CodingSequence original, CodingSequence designed, GeneticCode code, Evaluations evaluations) {
    List<Integer> changed = new ArrayList<>();
    List<String> alone = new ArrayList<>();
    for (int i = 0; i < original.codons(); i++) {
      if (!codon(original.rna(), i).equals(codon(designed.rna(), i))) {
        changed.add(i);
        alone.add(with(original.rna(), designed.rna(), i));
      }
    }
    evaluations.predict(alone);
    List<Integer> order = new ArrayList<>();
    for (int k = 0; k < changed.size(); k++) {
      order.add(k);
    }
    order.sort(
        Comparator.comparingDouble(k -> -evaluations.advantage(alone.get(k), original.rna())));
    List<String> together = new ArrayList<>();
    String rna = original.rna();
    for (int k : order) {
      rna = with(rna, designed.rna(), changed.get(k));
      together.add(rna);
    }
    evaluations.predict(together);
    List<Design.Change> changes = new ArrayList<>();
    for (int n = 0; n < together.size(); n++) {
      int position = changed.get(order.get(n));
      changes.add(
          new Design.Change(
              position + 1,
              codon(original.rna(), position),
              codon(designed.rna(), position),
              code.translate(codon(original.rna(), position)),
              evaluations.of(alone.get(order.get(n))).value()
                  - evaluations.of(original.rna()).value(),
              evaluations.of(together.get(n)).value()));
    }
    return changes;
  }

  private static String codon(String rna, int position) {
    return rna.substring(3 * position, 3 * position + 3);
  }

  /** A sequence with one codon of another. */
  private static String with(String rna, String other, int position) {
    return rna.substring(0, 3 * position)
        + codon(other, position)
        + rna.substring(3 * position + 3);
  }
}
