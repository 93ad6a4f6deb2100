package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.codonfuse.sequence.CodingSequence;

/**
 * What to predict for next: bundles of changes that are estimated to be best under all constraints,
 * and single changes.
 */
final class Proposals {
  /** Halvings of the interval that the price of a change is looked for in. */
  private static final int HALVINGS = 24;

  private final Feasibility.Found found;
  private final Constraints constraints;
  private final Effects effects;
  private final Evaluations evaluations;
  private final CodingSequence original;
  private final int readable;

  /**
   * What to predict for.
   *
   * @param readable number of codons that the objective reads
   */
  Proposals(
      Feasibility.Found found,
      Constraints constraints,
      int readable,
      Effects effects,
      Evaluations evaluations) {
    this.readable = Math.min(readable, found.space().positions());
    this.found = found;
    this.constraints = constraints;
    this.effects = effects;
    this.evaluations = evaluations;
    this.original = found.space().original();
  }

  /**
   * A proposal.
   *
   * @param parent what it was made from
   * @param candidate with the estimated merit
   */
  record Proposal(Candidate parent, Candidate candidate) {}

  /** The most promising sequences that nothing is predicted for yet, the best estimates first. */
  List<Proposal> of(List<Candidate> beam, int most) {
    Map<String, Proposal> bundles = new LinkedHashMap<>();
    beam.forEach(member -> bundles(member, bundles));
    if (constraints.maxChanges() < Integer.MAX_VALUE) {
      Candidate member = beam.getFirst();
      withinLimit(member).ifPresent(picks -> add(member, picks, bundles));
    }
    Comparator<Proposal> best = Comparator.comparingDouble(p -> -p.candidate().merit());
    List<Proposal> sorted = bundles.values().stream().sorted(best).toList();
    // Estimates of bundles are sums and so the boldest; single changes keep half of the places.
    Map<String, Proposal> chosen = new LinkedHashMap<>();
    sorted.stream().limit(Math.max(1, most / 2)).forEach(p -> chosen.put(p.candidate().rna(), p));
    singles(beam, chosen, most);
    for (Proposal proposal : sorted) {
      if (chosen.size() < most) {
        chosen.putIfAbsent(proposal.candidate().rna(), proposal);
      }
    }
    return chosen.values().stream().sorted(best).toList();
  }

  /** The best sequences with about 1, 2, 4, 8, … changes of a member. */
  private void bundles(Candidate member, Map<String, Proposal> proposals) {
    List<Double> gains = gains(member.picks());
    TreeSet<Double> prices = new TreeSet<>();
    prices.add(0.0);
    for (int size = 1; size < gains.size(); size *= 2) {
      prices.add((gains.get(size - 1) + gains.get(size)) / 2);
    }
    for (double price : prices) {
      found
          .paths()
          .best(effects.priced(member.picks(), price), member.picks())
          .ifPresent(picks -> add(member, picks, proposals));
    }
  }

  /** The estimated gain of the best change at each position that has one, descending. */
  private List<Double> gains(int[] picks) {
    List<Double> gains = new ArrayList<>();
    for (int i = 0; i < picks.length; i++) {
      double best = 0;
      for (int c = 0; c < found.space().choices(i); c++) {
        best = Math.max(best, effects.gain(picks, i, c));
      }
      if (best > 0) {
        gains.add(best);
      }
    }
    gains.sort(Comparator.reverseOrder());
    return gains;
  }

  /** The best sequence that changes as much of the original as it may. */
  private Optional<int[]> withinLimit(Candidate member) {
    double low = 0;
    double high = 1;
    while (changes(member, high) > constraints.maxChanges() && high < 1e12) {
      low = high;
      high *= 8;
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (changes(member, middle) > constraints.maxChanges()) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return found.paths().best(effects.pricedByChange(high), found.nearest());
  }

  private int changes(Candidate member, double price) {
    return found
        .paths()
        .best(effects.pricedByChange(price), member.picks())
        .map(found.space()::changes)
        .orElse(0);
  }

  /** The most promising single changes, and where the limit of changes is reached exchanges. */
  private void singles(List<Candidate> beam, Map<String, Proposal> chosen, int most) {
    record Single(Candidate member, int position, int choice, double merit) {}
    List<Single> singles = new ArrayList<>();
    for (Candidate member : beam) {
      for (int i = 0; i < readable; i++) {
        for (int c = 0; c < found.space().choices(i); c++) {
          if (c != member.picks()[i]) {
            double gain = effects.gain(member.picks(), i, c);
            singles.add(new Single(member, i, c, member.merit() + gain));
          }
        }
      }
    }
    singles.sort(Comparator.comparingDouble(single -> -single.merit()));
    for (Single single : singles) {
      if (chosen.size() >= most) {
        return;
      }
      int[] picks = single.member().picks().clone();
      picks[single.position()] = single.choice();
      if (found.space().changes(picks) > constraints.maxChanges()) {
        takeBack(picks, single.position());
      }
      add(single.member(), picks, chosen);
    }
  }

  /** Takes back the change that is worth least. */
  private void takeBack(int[] picks, int except) {
    int[] nearest = found.nearest();
    int cheapest = -1;
    for (int i = 0; i < picks.length; i++) {
      if (i != except
          && picks[i] != nearest[i]
          && (cheapest < 0
              || effects.gain(picks, i, nearest[i])
                  > effects.gain(picks, cheapest, nearest[cheapest]))) {
        cheapest = i;
      }
    }
    if (cheapest >= 0) {
      picks[cheapest] = nearest[cheapest];
    }
  }

  private void add(Candidate member, int[] picks, Map<String, Proposal> proposals) {
    String rna = found.space().rna(picks);
    if (!evaluations.knows(rna) && constraints.violated(original, rna).isEmpty()) {
      double merit = member.merit() + effects.gain(member.picks(), picks);
      proposals.putIfAbsent(rna, new Proposal(member, new Candidate(picks, rna, merit)));
    }
  }
}
