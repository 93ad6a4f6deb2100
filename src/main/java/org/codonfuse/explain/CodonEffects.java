package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.Explanation.PositionProfile;
import org.codonfuse.sequence.GeneticCode;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * Sums up over sequences what codons contribute and change. Each position where codons were
 * exchanged gives one observation of every codon tried there, and of the one that is there: how
 * much more the model predicts with it than on average with all of them.
 */
final class CodonEffects {
  private final Map<Key, Observations> effects = new TreeMap<>();
  private final Map<Key, Observations> profiles = new TreeMap<>();
  private final List<String> outputs;

  private CodonEffects(List<String> outputs) {
    this.outputs = outputs;
  }

  /** Sorts as the tables are: by output, evidence, bin, amino acid and codon. */
  private record Key(int output, Evidence evidence, int bin, String aminoAcid, String codon)
      implements Comparable<Key> {
    @Override
    public int compareTo(Key o) {
      return Comparator.comparingInt(Key::output)
          .thenComparing(Key::evidence)
          .thenComparing(Key::aminoAcid)
          .thenComparing(Key::codon)
          .thenComparingInt(Key::bin)
          .compare(this, o);
    }
  }

  /** What was observed of a codon, by sequence: places of one are not independent. */
  private static final class Observations {
    private static final double UPPER = 0.975;

    /** The sum and the number of the observations of a sequence. */
    private static final class Cluster {
      private double sum;
      private int count;
    }

    private final Map<String, Cluster> sequences = new HashMap<>();
    private double sum;
    private int count;

    void add(String id, double value) {
      Cluster cluster = sequences.computeIfAbsent(id, _ -> new Cluster());
      cluster.sum += value;
      cluster.count++;
      sum += value;
      count++;
    }

    double mean() {
      return sum / count;
    }

    /**
     * Half the width of the 95 % interval of the mean from the spread among sequences (Liang and
     * Zeger 1986, with Student's t for few of them); NaN of one sequence.
     */
    double halfWidth() {
      int n = sequences.size();
      if (n < 2) {
        return Double.NaN;
      }
      double squares = 0;
      for (Cluster of : sequences.values()) {
        double deviation = of.sum - of.count * mean();
        squares += deviation * deviation;
      }
      double error = Math.sqrt(squares * n / (n - 1)) / count;
      return new TDistribution(n - 1).inverseCumulativeProbability(UPPER) * error;
    }
  }

  /** A codon of a sequence, of one output. */
  private record Site(String id, String output, int position) {}

  /**
   * Sums up.
   *
   * @param outputs names of the outputs
   * @param codons of every sequence how many it has
   */
  static CodonEffects of(
      List<String> outputs,
      Map<String, Integer> codons,
      List<CodonAttribution> attributions,
      List<Mutation> mutations) {
    CodonEffects effects = new CodonEffects(outputs);
    effects.attributions(codons, attributions);
    effects.mutations(codons, mutations, Evidence.SYNONYMOUS, Mutation::synonymous);
    if (!mutations.stream().allMatch(Mutation::synonymous)) {
      effects.mutations(codons, mutations, Evidence.ANY_CODON, CodonEffects::isSense);
    }
    return effects;
  }

  /** Stop codons are exchanged for one another alone, so that there is no mean of all codons. */
  private static boolean isSense(Mutation mutation) {
    return mutation.aminoAcid().charAt(0) != GeneticCode.STOP;
  }

  private void attributions(Map<String, Integer> codons, List<CodonAttribution> attributions) {
    Map<Site, CodonAttribution> sums = new LinkedHashMap<>();
    for (CodonAttribution of : attributions) {
      sums.merge(
          new Site(of.id(), of.output(), of.position()),
          of,
          (a, b) ->
              new CodonAttribution(
                  a.id(),
                  a.output(),
                  "all",
                  a.position(),
                  a.codon(),
                  a.aminoAcid(),
                  a.attribution() + b.attribution()));
    }
    sums.forEach(
        (site, of) ->
            add(Evidence.ATTRIBUTION, site, codons, of.codon(), of.aminoAcid(), of.attribution()));
  }

  private void mutations(
      Map<String, Integer> codons,
      List<Mutation> mutations,
      Evidence evidence,
      Predicate<Mutation> counts) {
    Map<Site, List<Mutation>> sites = new LinkedHashMap<>();
    for (Mutation mutation : mutations) {
      if (counts.test(mutation)) {
        sites
            .computeIfAbsent(
                new Site(mutation.id(), mutation.output(), mutation.position()),
                _ -> new ArrayList<>())
            .add(mutation);
      }
    }
    sites.forEach(
        (site, tried) -> {
          double mean = tried.stream().mapToDouble(Mutation::change).sum() / (tried.size() + 1);
          Mutation first = tried.getFirst();
          add(evidence, site, codons, first.codon(), first.aminoAcid(), -mean);
          for (Mutation of : tried) {
            add(evidence, site, codons, of.mutant(), of.mutantAminoAcid(), of.change() - mean);
          }
        });
  }

  private void add(
      Evidence evidence,
      Site site,
      Map<String, Integer> codons,
      String codon,
      String aminoAcid,
      double effect) {
    int output = outputs.indexOf(site.output);
    int bin = PositionProfile.bin(site.position, codons.get(site.id));
    effects
        .computeIfAbsent(new Key(output, evidence, 0, aminoAcid, codon), _ -> new Observations())
        .add(site.id, effect);
    profiles
        .computeIfAbsent(new Key(output, evidence, bin, aminoAcid, codon), _ -> new Observations())
        .add(site.id, effect);
  }

  /** The effect of every codon. */
  List<CodonEffect> effects() {
    List<CodonEffect> rows = new ArrayList<>();
    effects.forEach(
        (key, observed) ->
            rows.add(
                new CodonEffect(
                    outputs.get(key.output),
                    key.evidence,
                    key.codon,
                    key.aminoAcid,
                    observed.mean(),
                    observed.mean() - observed.halfWidth(),
                    observed.mean() + observed.halfWidth(),
                    observed.count)));
    return rows;
  }

  /** The effect of every codon by place, of {@link Evidence#ANY_CODON} none. */
  List<PositionProfile> profiles() {
    List<PositionProfile> rows = new ArrayList<>();
    profiles.forEach(
        (key, observed) -> {
          if (key.evidence != Evidence.ANY_CODON) {
            rows.add(
                new PositionProfile(
                    outputs.get(key.output),
                    key.evidence,
                    key.bin,
                    key.codon,
                    key.aminoAcid,
                    observed.mean(),
                    observed.count));
          }
        });
    return rows;
  }
}
