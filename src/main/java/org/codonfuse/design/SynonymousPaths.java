package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.codonfuse.UsageException;

/**
 * The synonymous sequences without forbidden patterns and with an allowed share of G and C, as
 * paths from codon to codon over the states of a {@link MotifAutomaton} and the number of G and C
 * that are still to come. Dynamic programming finds the best by any scores that add up over codons,
 * exactly; it knows no limit of changes. Used by one thread.
 */
final class SynonymousPaths {
  /** Cells of one table: states and counts of G and C at each codon. One byte each. */
  private static final long MOST_CELLS = 200_000_000;

  private static final int DEAD = -1;

  private final SynonymousSpace space;
  private final boolean countsGc;

  /** G and C of each choice: [position][choice]; 0 where they do not count. */
  private final int[][] gc;

  /** Where the choices of each state lead: [position][state × choices + choice]. */
  private final int[][] next;

  /** The number of states before each codon, and after the last. */
  private final int[] states;

  /** Whether each state after the last codon may be followed by the tail. */
  private final boolean[] ends;

  /** G and C from a position to the end, least and most; those of the tail come last. */
  private final int[] leastToCome;

  private final int[] mostToCome;
  private final int least;
  private final int most;

  /** The first codon that no choice gets past. */
  private final OptionalInt dead;

  SynonymousPaths(SynonymousSpace space, Constraints constraints) {
    this.space = space;
    Optional<Constraint.GcRange> range = constraints.find(Constraint.GcRange.class);
    countsGc = range.isPresent();
    int positions = space.positions();
    gc = new int[positions][];
    next = new int[positions][];
    states = new int[positions + 1];
    MotifAutomaton automaton = new MotifAutomaton(constraints.motifs());
    List<Integer> here = List.of(MotifAutomaton.START);
    OptionalInt stuck = OptionalInt.empty();
    for (int i = 0; i < positions; i++) {
      states[i] = here.size();
      gc[i] = new int[space.choices(i)];
      here = advance(automaton, i, here);
      if (here.isEmpty() && stuck.isEmpty()) {
        stuck = OptionalInt.of(i);
      }
    }
    dead = stuck;
    states[positions] = here.size();
    ends = new boolean[here.size()];
    for (int s = 0; s < ends.length; s++) {
      ends[s] = automaton.read(here.get(s), space.tail()) != MotifAutomaton.FORBIDDEN;
    }
    leastToCome = new int[positions + 1];
    mostToCome = new int[positions + 1];
    leastToCome[positions] = countsGc ? Constraints.gc(space.tail()) : 0;
    mostToCome[positions] = leastToCome[positions];
    for (int i = positions - 1; i >= 0; i--) {
      leastToCome[i] = leastToCome[i + 1] + Arrays.stream(gc[i]).min().orElseThrow();
      mostToCome[i] = mostToCome[i + 1] + Arrays.stream(gc[i]).max().orElseThrow();
    }
    int length = space.original().length();
    least = range.map(of -> of.least(length)).orElse(0);
    most = range.map(of -> of.most(length)).orElse(0);
    requireMemory();
  }

  /** Reads the choices of one position; returns the states after it. */
  private List<Integer> advance(MotifAutomaton automaton, int position, List<Integer> here) {
    int choices = space.choices(position);
    Map<Integer, Integer> reached = new LinkedHashMap<>();
    next[position] = new int[here.size() * choices];
    for (int c = 0; c < choices; c++) {
      String letters = space.letters(position, c);
      gc[position][c] = countsGc ? Constraints.gc(letters) : 0;
      for (int s = 0; s < here.size(); s++) {
        int state = automaton.read(here.get(s), letters);
        next[position][s * choices + c] =
            state == MotifAutomaton.FORBIDDEN
                ? DEAD
                : reached.computeIfAbsent(state, _ -> reached.size());
      }
    }
    return new ArrayList<>(reached.keySet());
  }

  private void requireMemory() {
    long cells = 0;
    for (int i = 0; i < space.positions(); i++) {
      cells += (long) states[i] * (mostToCome[i] - leastToCome[i] + 1);
    }
    if (cells > MOST_CELLS) {
      throw new UsageException(
          "'%s': %d codons with these patterns and a range of GC take too much memory (%d million"
                  .formatted(space.original().id(), space.positions(), cells / 1_000_000)
              + " states); leave out some patterns or --gc.");
    }
  }

  /** The codon, from 0, at which patterns that must not occur cannot be avoided any more. */
  OptionalInt dead() {
    return dead;
  }

  /**
   * The sequence with the highest sum of scores.
   *
   * @param scores [position][choice]
   * @param preferred picks that are taken where scores are equal; may be outside the space as −1
   * @return empty if there is no sequence at all
   */
  Optional<int[]> best(double[][] scores, int[] preferred) {
    Table table = new Table(scores, preferred);
    int found = DEAD;
    for (int count = leastToCome[0]; count <= mostToCome[0]; count++) {
      double value = table.total(count);
      boolean allowed = !countsGc || (count >= least && count <= most);
      if (allowed
          && value > Double.NEGATIVE_INFINITY
          && (found == DEAD || value > table.total(found))) {
        found = count;
      }
    }
    return found == DEAD ? Optional.empty() : Optional.of(table.trace(found));
  }

  /** The sequence with the fewest changes of the original. */
  Optional<int[]> nearest() {
    double[][] scores = new double[space.positions()][];
    int[] preferred = new int[space.positions()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = new double[space.choices(i)];
      for (int c = 0; c < scores[i].length; c++) {
        scores[i][c] = space.isOriginal(i, c) ? 0 : -1;
      }
    }
    return best(scores, preferred);
  }

  /**
   * The least and the largest number of G and C that sequences without forbidden patterns have; the
   * range of GC counts only in that they are counted.
   */
  Optional<int[]> reachableGc() {
    double[][] scores = new double[space.positions()][];
    Arrays.setAll(scores, i -> new double[space.choices(i)]);
    Table table = new Table(scores, new int[scores.length]);
    int[] counts =
        IntStream.rangeClosed(leastToCome[0], mostToCome[0])
            .filter(count -> table.total(count) > Double.NEGATIVE_INFINITY)
            .toArray();
    return counts.length == 0
        ? Optional.empty()
        : Optional.of(new int[] {counts[0], counts[counts.length - 1]});
  }

  /** Best choices from every state to the end, by the number of G and C to come. */
  private final class Table {
    /** [position][state × counts + count − least to come] */
    private final byte[][] picks = new byte[space.positions()][];

    private double[] values;

    Table(double[][] scores, int[] preferred) {
      int positions = space.positions();
      values = new double[states[positions]];
      for (int s = 0; s < values.length; s++) {
        values[s] = ends[s] ? 0 : Double.NEGATIVE_INFINITY;
      }
      for (int i = positions - 1; i >= 0; i--) {
        values = before(i, scores[i], preferred[i]);
      }
    }

    private double[] before(int position, double[] scores, int preferred) {
      int choices = scores.length;
      int width = mostToCome[position] - leastToCome[position] + 1;
      int widthAfter = mostToCome[position + 1] - leastToCome[position + 1] + 1;
      double[] best = new double[states[position] * width];
      byte[] picked = new byte[best.length];
      Arrays.fill(best, Double.NEGATIVE_INFINITY);
      for (int s = 0; s < states[position]; s++) {
        for (int c = 0; c < choices; c++) {
          int state = next[position][s * choices + c];
          if (state == DEAD) {
            continue;
          }
          int shift = gc[position][c] + leastToCome[position + 1] - leastToCome[position];
          for (int w = 0; w < widthAfter; w++) {
            double value = scores[c] + values[state * widthAfter + w];
            int cell = s * width + shift + w;
            if (value > best[cell]
                || (c == preferred && value == best[cell] && value > Double.NEGATIVE_INFINITY)) {
              best[cell] = value;
              picked[cell] = (byte) c;
            }
          }
        }
      }
      picks[position] = picked;
      return best;
    }

    /** The best sum of scores with this number of G and C in all. */
    double total(int count) {
      return values[count - leastToCome[0]];
    }

    int[] trace(int count) {
      int[] path = new int[picks.length];
      int state = 0;
      int toCome = count;
      for (int i = 0; i < path.length; i++) {
        int width = mostToCome[i] - leastToCome[i] + 1;
        path[i] = picks[i][state * width + toCome - leastToCome[i]];
        state = next[i][state * space.choices(i) + path[i]];
        toCome -= gc[i][path[i]];
      }
      return path;
    }
  }
}
