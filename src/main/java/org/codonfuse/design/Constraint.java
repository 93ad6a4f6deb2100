package org.codonfuse.design;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Something that a designed sequence must satisfy besides coding for the same protein. */
public sealed interface Constraint {
  /** As it was asked for, such as {@code --gc 0.4:0.6}. */
  String label();

  /**
   * The share of G and C in the whole sequence; letters that stand for several bases count where
   * all of them are G or C.
   *
   * @param low least share, from 0
   * @param high largest share, to 1
   */
  record GcRange(double low, double high) implements Constraint {
    @Override
    public String label() {
      return String.format(Locale.ROOT, "--gc %s:%s", number(low), number(high));
    }

    private static String number(double share) {
      return String.format(Locale.ROOT, "%.4f", share).replaceFirst("\\.?0+$", "");
    }

    int least(int length) {
      return (int) Math.ceil(low * length - 1e-9);
    }

    int most(int length) {
      return (int) Math.floor(high * length + 1e-9);
    }
  }

  /**
   * Patterns that must not occur.
   *
   * @param label as it was asked for
   * @param motifs on this strand; where both count, also what is here if it is on the other
   */
  record Avoid(String label, List<Motif> motifs) implements Constraint {
    public Avoid {
      motifs = List.copyOf(motifs);
    }
  }

  /**
   * The longest run of one base.
   *
   * @param longest from 1
   */
  record MaxHomopolymer(int longest) implements Constraint {
    @Override
    public String label() {
      return "--max-homopolymer " + longest;
    }

    /** The shortest runs that are too long. */
    List<Motif> motifs() {
      return "ACGU"
          .chars()
          .mapToObj(base -> Character.toString(base).repeat(longest + 1))
          .map(run -> new Motif(run, run))
          .toList();
    }
  }

  /**
   * Codons that are rarer than a part of the most frequent synonym are not used.
   *
   * @param frequencies of an organism
   * @param least relative to the most frequent synonym, from 0 to 1
   */
  record MinUsage(CodonFrequencies frequencies, double least) implements Constraint {
    @Override
    public String label() {
      return "--min-usage " + least;
    }
  }

  /**
   * How many codons may differ from the original.
   *
   * @param most from 0
   */
  record MaxChanges(int most) implements Constraint {
    @Override
    public String label() {
      return "--max-changes " + most;
    }
  }

  /**
   * Codons that stay as they are.
   *
   * @param label as it was asked for
   * @param positions from 1
   */
  record Keep(String label, Set<Integer> positions) implements Constraint {
    public Keep {
      positions = Set.copyOf(new TreeSet<>(positions));
    }
  }
}
