package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Takes changes back that do not pay. */
final class Reversions {
  private final SynonymousSpace space;
  private final int[] start;
  private final Constraints constraints;
  private final Evaluations evaluations;

  Reversions(Feasibility.Found found, Constraints constraints, Evaluations evaluations) {
    this.space = found.space();
    this.start = found.nearest();
    this.constraints = constraints;
    this.evaluations = evaluations;
  }

  private record Reversion(int position, double loss) {}

  /**
   * A sequence without the changes that contribute too little: all that do alone are taken back
   * together, or else half of them, and so on, as long as together they cost no more than each may.
   *
   * @return its letters
   */
  String simplify(Candidate best, DesignSettings settings) {
    int[] picks = best.picks();
    Optional<int[]> simpler = Optional.of(picks);
    while (simpler.isPresent()) {
      picks = simpler.get();
      simpler = simpler(picks, settings.minGain());
    }
    return space.rna(picks);
  }

  private Optional<int[]> simpler(int[] picks, double minGain) {
    List<Reversion> cheap = cheap(picks, minGain);
    String now = space.rna(picks);
    for (int n = cheap.size(); n > 0; n /= 2) {
      int[] without = reverted(picks, cheap.subList(0, n));
      String rna = space.rna(without);
      if (constraints.violated(space.original(), rna).isEmpty()
          && evaluations.advantage(now, rna) <= n * minGain) {
        return Optional.of(without);
      }
    }
    return Optional.empty();
  }

  /** Changes whose reversion alone is allowed and costs too little, the cheapest first. */
  private List<Reversion> cheap(int[] picks, double minGain) {
    List<Integer> changed = new ArrayList<>();
    List<String> sequences = new ArrayList<>();
    for (int i = 0; i < picks.length; i++) {
      if (picks[i] != start[i]) {
        String rna = space.rna(reverted(picks, List.of(new Reversion(i, 0))));
        if (constraints.violated(space.original(), rna).isEmpty()) {
          changed.add(i);
          sequences.add(rna);
        }
      }
    }
    evaluations.predict(sequences);
    String now = space.rna(picks);
    List<Reversion> cheap = new ArrayList<>();
    for (int k = 0; k < changed.size(); k++) {
      double loss = evaluations.advantage(now, sequences.get(k));
      if (loss <= minGain) {
        cheap.add(new Reversion(changed.get(k), loss));
      }
    }
    cheap.sort(Comparator.comparingDouble(Reversion::loss));
    return cheap;
  }

  private int[] reverted(int[] picks, List<Reversion> reversions) {
    int[] without = picks.clone();
    reversions.forEach(reversion -> without[reversion.position()] = start[reversion.position()]);
    return without;
  }
}
