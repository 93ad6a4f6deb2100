package org.codonfuse.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.AttentionShare;
import org.codonfuse.explain.Explanation.AttentionWeight;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Completeness;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.MapAxis;
import org.codonfuse.explain.Explanation.MapPoint;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.Explanation.PositionProfile;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.run.RunPredictions;
import org.codonfuse.training.run.TargetConfig;

/** Runs with explanations of any size, whose numbers follow from their places. */
final class Explanations {
  static final String HOSTILE = "</script><img src=x onerror='alert(1)'>\"&amp;";

  private static final List<String> MODALITIES = List.of("dna", "rna", "protein");
  private static final List<String> CODONS =
      IntStream.range(0, 64)
          .mapToObj(
              i -> "" + "UCAG".charAt(i / 16) + "UCAG".charAt(i / 4 % 4) + "UCAG".charAt(i % 4))
          .toList();

  private Explanations() {}

  /** A run of some classes, or of a number where there are none. */
  static ReportRun run(String name, List<String> classes, Optional<Explanation> explanation) {
    Task task = classes.isEmpty() ? Task.REGRESSION : Task.CLASSIFICATION;
    RidgeConfig config =
        new RidgeConfig(
            "one-hot",
            "1",
            task,
            classes,
            "data.csv",
            "00",
            List.of(new TargetConfig(HOSTILE, TargetScale.IDENTITY)),
            1,
            List.of("f"));
    List<String> ids =
        explanation.stream().flatMap(e -> e.map().stream()).map(MapPoint::id).distinct().toList();
    double[] targets =
        IntStream.range(0, ids.size()).mapToDouble(i -> i % Math.max(2, classes.size())).toArray();
    return new ReportRun(
        name,
        Path.of(name.replaceAll("[^a-z]", "")),
        new Origin.Ridge(config),
        List.of(),
        Map.of(),
        new RunPredictions(
            ids, ids.stream().map(_ -> Split.TEST).toList(), List.of(targets), List.of(targets)),
        explanation);
  }

  /** All that a model can have, of which no real one has all. */
  static Explanation full(int sequences, int codons, List<String> outputs) {
    List<ModalityWeight> weights = new ArrayList<>();
    List<ModalityShare> shares = new ArrayList<>();
    List<Completeness> completeness = new ArrayList<>();
    List<CodonAttribution> attributions = new ArrayList<>();
    List<Mutation> mutations = new ArrayList<>();
    List<MapPoint> map = new ArrayList<>();
    for (int s = 0; s < sequences; s++) {
      String id = HOSTILE + s;
      for (String modality : MODALITIES) {
        weights.add(new ModalityWeight(id, "test", modality, 1 / 3.0));
        map.add(new MapPoint("pca", modality, id, "test", Math.sin(s), Math.cos(s)));
      }
      for (int o = 0; o < outputs.size(); o++) {
        String output = outputs.get(o);
        completeness.add(new Completeness(id, output, s + o, 0, s + o, 1e-3, 50));
        for (String modality : MODALITIES) {
          shares.add(new ModalityShare(id, "test", output, modality, 0.1, 1 / 3.0));
          for (int p = 1; p <= codons; p++) {
            String codon = CODONS.get((p * 7 + s) % 64);
            attributions.add(
                new CodonAttribution(
                    id, output, modality, p, codon, aminoAcid(codon), Math.sin(p * 1.7 + s) / 9));
          }
        }
        for (int p = 1; p <= codons && s < 3; p++) {
          String codon = CODONS.get((p * 7 + s) % 64);
          for (String other : CODONS) {
            if (!other.equals(codon)) {
              mutations.add(
                  new Mutation(
                      id,
                      output,
                      p,
                      codon,
                      aminoAcid(codon),
                      other,
                      aminoAcid(other),
                      s,
                      Math.sin(p + other.hashCode())));
            }
          }
        }
      }
    }
    List<CodonEffect> effects = new ArrayList<>();
    List<PositionProfile> profiles = new ArrayList<>();
    for (String output : outputs) {
      for (Evidence evidence : Evidence.values()) {
        for (String codon : CODONS) {
          double effect = Math.sin(codon.hashCode());
          effects.add(
              new CodonEffect(
                  output, evidence, codon, aminoAcid(codon), effect, effect - 1, effect + 1, 9));
          profiles.add(
              new PositionProfile(output, evidence, 1, codon, aminoAcid(codon), effect, 3));
        }
      }
    }
    List<Ablation> ablations = new ArrayList<>();
    List<AttentionShare> attention = new ArrayList<>();
    List<AttentionWeight> attentionMaps = new ArrayList<>();
    for (String query : MODALITIES) {
      ablations.add(new Ablation("test", query, "spearman", 0.8, 0.5, -0.3, -0.4, -0.2));
      for (String key : MODALITIES) {
        attention.add(new AttentionShare(1, query, key, 1 / 3.0));
        for (int p = 1; p <= Math.min(30, codons); p++) {
          for (int q = 1; q <= Math.min(30, codons); q++) {
            attentionMaps.add(
                new AttentionWeight(
                    HOSTILE + 0, query, p, key, q, 1 / (3.0 * Math.min(30, codons))));
          }
        }
      }
    }
    return new Explanation(
        summary(outputs, sequences),
        weights,
        ablations,
        shares,
        completeness,
        attributions,
        mutations,
        effects,
        profiles,
        attention,
        attentionMaps,
        map,
        List.of(new MapAxis("pca", "dna", 1, 0.5)));
  }

  /** A run of which nothing was asked. */
  static Explanation empty() {
    List<String> outputs = List.of("Value");
    return new Explanation(
        summary(outputs, 0),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static Explanation.Summary summary(List<String> outputs, int sequences) {
    return new Explanation.Summary(
        1,
        "1",
        "cpu",
        "run",
        "data.csv",
        "00",
        sequences,
        sequences,
        3,
        "all of the test sequences",
        outputs,
        MODALITIES,
        "integrated-gradients",
        50,
        "the mean embedding of each modality over the sequences",
        true,
        1);
  }

  private static String aminoAcid(String codon) {
    return String.valueOf(GeneticCode.standard().translate(codon));
  }
}
