package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Nucleotides;

/**
 * Reads nucleotides and knows when one of some motifs is complete: Aho and Corasick's automaton for
 * patterns with ambiguous letters, whose states are sets of begun occurrences and are made when
 * they are first reached. Used by one thread.
 */
final class MotifAutomaton {
  /** In the place of a state: a motif is complete. */
  static final int FORBIDDEN = -1;

  /** Before the first nucleotide. */
  static final int START = 0;

  private static final int NOT_KNOWN = -2;
  private static final int MOST_STATES = 1 << 16;
  private static final int SETS = Nucleotides.ANY + 1;

  private final List<Motif> motifs;

  /** The bit of the first letter of each motif. */
  private final int[] offsets;

  private final Map<BitSet, Integer> numbers = new HashMap<>();
  private final List<BitSet> states = new ArrayList<>();
  private final List<int[]> next = new ArrayList<>();

  MotifAutomaton(List<Motif> motifs) {
    this.motifs = List.copyOf(motifs);
    this.offsets = new int[motifs.size()];
    for (int m = 1; m < offsets.length; m++) {
      offsets[m] = offsets[m - 1] + motifs.get(m - 1).length();
    }
    number(new BitSet());
  }

  /**
   * The state after more letters, or {@link #FORBIDDEN}.
   *
   * @throws UsageException if the motifs have so many ambiguous letters that there are too many
   *     states
   */
  int read(int state, CharSequence letters) {
    int reached = state;
    for (int i = 0; i < letters.length() && reached != FORBIDDEN; i++) {
      reached = read(reached, Nucleotides.bases(letters.charAt(i)));
    }
    return reached;
  }

  private int read(int state, int bases) {
    int[] row = next.get(state);
    if (row[bases] == NOT_KNOWN) {
      row[bases] = follow(states.get(state), bases);
    }
    return row[bases];
  }

  /** Bit {@code offset + i} of a state: letters 0 to i of the motif have just been read. */
  private int follow(BitSet state, int bases) {
    BitSet reached = new BitSet();
    for (int m = 0; m < offsets.length; m++) {
      Motif motif = motifs.get(m);
      for (int i = 0; i < motif.length(); i++) {
        boolean begun = i == 0 || state.get(offsets[m] + i - 1);
        if (begun && Motif.fits(bases, motif.bases(i))) {
          if (i == motif.length() - 1) {
            return FORBIDDEN;
          }
          reached.set(offsets[m] + i);
        }
      }
    }
    return number(reached);
  }

  private int number(BitSet state) {
    Integer known = numbers.get(state);
    if (known != null) {
      return known;
    }
    if (states.size() == MOST_STATES) {
      throw new UsageException(
          "%s: are too many ambiguous patterns to avoid at once; leave out some."
              .formatted(
                  motifs.stream().map(Motif::name).distinct().collect(Collectors.joining(", "))));
    }
    int number = states.size();
    numbers.put(state, number);
    states.add(state);
    int[] row = new int[SETS];
    Arrays.fill(row, NOT_KNOWN);
    next.add(row);
    return number;
  }
}
