package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Comparator;
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
import org.hipparchus.stat.descriptive.StreamingStatistics;

/**
 * Sums up over sequences what codons contribute and change. Each position where codons were
 * exchanged gives one observation of every codon tried there, and of the one that is there: how
 * much more the model predicts with it than on average with all of them.
 */
final class CodonEffects {
  /** Parts of a sequence. */
  static final int BINS = 10;

  /** Of the normal distribution. */
  private static final double TWO_SIDED_95 = 1.96;

  private final Map<Key, StreamingStatistics> effects = new TreeMap<>();
  private final Map<Key, StreamingStatistics> profiles = new TreeMap<>();
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
      effects.mutations(codons, mutations, Evidence.ANY_CODON, _ -> true);
    }
    return effects;
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
    int bin = 1 + BINS * (site.position - 1) / Math.max(1, codons.get(site.id));
    effects
        .computeIfAbsent(
            new Key(output, evidence, 0, aminoAcid, codon), _ -> new StreamingStatistics())
        .addValue(effect);
    profiles
        .computeIfAbsent(
            new Key(output, evidence, bin, aminoAcid, codon), _ -> new StreamingStatistics())
        .addValue(effect);
  }

  /** The effect of every codon. */
  List<CodonEffect> effects() {
    List<CodonEffect> rows = new ArrayList<>();
    effects.forEach(
        (key, statistics) -> {
          double mean = statistics.getMean();
          double error =
              TWO_SIDED_95
                  * statistics.getStandardDeviation()
                  / Math.sqrt((double) statistics.getN());
          boolean known = statistics.getN() > 1;
          rows.add(
              new CodonEffect(
                  outputs.get(key.output),
                  key.evidence,
                  key.codon,
                  key.aminoAcid,
                  mean,
                  known ? mean - error : Double.NaN,
                  known ? mean + error : Double.NaN,
                  (int) statistics.getN()));
        });
    return rows;
  }

  /** The effect of every codon by place, of {@link Evidence#ANY_CODON} none. */
  List<PositionProfile> profiles() {
    List<PositionProfile> rows = new ArrayList<>();
    profiles.forEach(
        (key, statistics) -> {
          if (key.evidence != Evidence.ANY_CODON) {
            rows.add(
                new PositionProfile(
                    outputs.get(key.output),
                    key.evidence,
                    key.bin,
                    key.codon,
                    key.aminoAcid,
                    statistics.getMean(),
                    (int) statistics.getN()));
          }
        });
    return rows;
  }
}
