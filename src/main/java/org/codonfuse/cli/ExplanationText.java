package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Completeness;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.sequence.Task;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;
import org.hipparchus.stat.descriptive.rank.Median;

/** What an explanation says, in short. */
final class ExplanationText {
  private static final int CODONS = 5;

  private static final String LINE = "%-44s %s";

  private ExplanationText() {}

  /** Mean and standard deviation of a modality's figures. */
  private record Spread(double mean, double deviation, long count) {
    static Spread of(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return new Spread(
          sum / values.length, new StandardDeviation().evaluate(values), values.length);
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("mean", mean);
      map.put("sd", deviation);
      map.put("n", count);
      return map;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3f ± %.3f", mean, deviation);
    }
  }

  /**
   * For people.
   *
   * @param task of the run, which says what the numbers are in
   */
  static List<String> lines(Path run, Task task, Explanation explanation) {
    List<String> lines = new ArrayList<>();
    Explanation.Summary summary = explanation.summary();
    lines.add("%s: %d sequences of %s".formatted(run, summary.sequences(), summary.data()));
    lines.add("");
    modalities(lines, explanation);
    if (!explanation.completeness().isEmpty()) {
      double[] gaps = gaps(explanation);
      lines.add(
          String.format(
              Locale.ROOT,
              "Attributions by %s of %s (%d): relative to %s; they miss the difference of the"
                  + " predictions by %.2g %% in the median.",
              summary.method(),
              summary.selection(),
              summary.attributed(),
              summary.baseline(),
              100 * new Median().evaluate(gaps)));
    }
    for (String output : summary.outputs()) {
      codons(lines, explanation, output, task == Task.CLASSIFICATION ? "logit of " : "");
    }
    return lines;
  }

  private static void modalities(List<String> lines, Explanation explanation) {
    List<String> modalities = explanation.summary().modalities();
    Map<String, Map<String, Spread>> rows = figures(explanation);
    if (modalities.size() < 2 || rows.isEmpty()) {
      return;
    }
    lines.add(
        String.format(
            Locale.ROOT,
            LINE,
            "",
            String.join("", modalities.stream().map("%-18s"::formatted).toList())));
    rows.forEach(
        (name, row) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    LINE,
                    name,
                    String.join(
                        "",
                        modalities.stream().map(m -> "%-18s".formatted(row.get(m))).toList()))));
    for (String split : explanation.ablations().stream().map(Ablation::split).distinct().toList()) {
      lines.add(
          String.format(
              Locale.ROOT,
              LINE,
              "change of %s without it (%s)"
                  .formatted(explanation.ablations().getFirst().metric(), split),
              String.join(
                  "",
                  modalities.stream()
                      .map(
                          m ->
                              explanation.ablations().stream()
                                  .filter(a -> a.split().equals(split) && a.modality().equals(m))
                                  .map(
                                      a ->
                                          String.format(
                                              Locale.ROOT,
                                              "%-18s",
                                              String.format(Locale.ROOT, "%+.3f", a.change())))
                                  .findFirst()
                                  .orElse(""))
                      .toList())));
    }
    if (!explanation.weights().isEmpty()) {
      lines.add("Attention is not causation: compare it with what the metric loses.");
    }
    lines.add("");
  }

  /** By what they are, the figures of every modality. */
  private static Map<String, Map<String, Spread>> figures(Explanation explanation) {
    Map<String, Map<String, Spread>> rows = new LinkedHashMap<>();
    List<String> modalities = explanation.summary().modalities();
    for (String split :
        explanation.weights().stream().map(ModalityWeight::split).distinct().toList()) {
      Map<String, Spread> row = new LinkedHashMap<>();
      for (String modality : modalities) {
        row.put(
            modality,
            Spread.of(
                explanation.weights().stream()
                    .filter(w -> w.split().equals(split) && w.modality().equals(modality))
                    .mapToDouble(ModalityWeight::weight)
                    .toArray()));
      }
      rows.put("attention weight (" + split + ")", row);
    }
    for (String output :
        explanation.shares().stream().map(ModalityShare::output).distinct().toList()) {
      Map<String, Spread> row = new LinkedHashMap<>();
      for (String modality : modalities) {
        row.put(
            modality,
            Spread.of(
                explanation.shares().stream()
                    .filter(s -> s.output().equals(output) && s.modality().equals(modality))
                    .mapToDouble(ModalityShare::share)
                    .filter(share -> !Double.isNaN(share))
                    .toArray()));
      }
      rows.put("share of attributions (" + output + ")", row);
    }
    return rows;
  }

  private static double[] gaps(Explanation explanation) {
    return explanation.completeness().stream().mapToDouble(Completeness::gap).toArray();
  }

  private static void codons(
      List<String> lines, Explanation explanation, String output, String unit) {
    for (Evidence evidence : Evidence.values()) {
      List<CodonEffect> effects =
          explanation.effects().stream()
              .filter(of -> of.output().equals(output) && of.evidence() == evidence)
              .sorted(Comparator.comparingDouble(CodonEffect::effect).reversed())
              .toList();
      if (!effects.isEmpty()) {
        // Of what was seen in one sequence there are none.
        boolean intervals = effects.stream().anyMatch(of -> !Double.isNaN(of.low()));
        String what =
            switch (evidence) {
              case ATTRIBUTION -> "attributed";
              case SYNONYMOUS -> "in the place of synonyms";
              case ANY_CODON -> "in the place of any codon";
            };
        lines.add(
            "%s%s, %s: enhancing %s; silencing %s"
                .formatted(
                    unit,
                    output,
                    what,
                    some(effects, intervals ? of -> of.low() > 0 : of -> of.effect() > 0),
                    some(
                        effects.reversed(),
                        intervals ? of -> of.high() < 0 : of -> of.effect() < 0)));
      }
    }
  }

  /** The first that are wanted: where there are intervals, those whose interval leaves out 0. */
  private static String some(List<CodonEffect> effects, Predicate<CodonEffect> wanted) {
    Stream<String> codons =
        effects.stream()
            .filter(wanted)
            .limit(CODONS)
            .map(
                of ->
                    String.format(
                        Locale.ROOT, "%s(%s) %+.3g", of.codon(), of.aminoAcid(), of.effect()));
    String text = String.join(", ", codons.toList());
    return text.isEmpty() ? "none" : text;
  }

  /** For {@code --json}: by directory. */
  static Map<String, Object> toMap(Map<Path, Explanation> explained) {
    List<Object> list = new ArrayList<>();
    explained.forEach(
        (place, explanation) -> {
          Map<String, Object> map = new LinkedHashMap<>();
          map.put("run", explanation.summary().run());
          map.put("output", place.toString());
          map.put("data", explanation.summary().data());
          map.put("backend", explanation.summary().backend());
          Map<String, Object> modalities = new LinkedHashMap<>();
          figures(explanation)
              .forEach(
                  (name, row) -> {
                    Map<String, Object> spreads = new LinkedHashMap<>();
                    row.forEach((modality, spread) -> spreads.put(modality, spread.toMap()));
                    modalities.put(name, spreads);
                  });
          map.put("modalities", modalities);
          map.put(
              "ablations", explanation.ablations().stream().map(ExplanationText::toMap).toList());
          if (!explanation.completeness().isEmpty()) {
            map.put("median_gap", new Median().evaluate(gaps(explanation)));
          }
          list.add(map);
        });
    return Map.of("explanations", list);
  }

  private static Map<String, Object> toMap(Ablation ablation) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("split", ablation.split());
    map.put("modality", ablation.modality());
    map.put("metric", ablation.metric());
    map.put("value", ablation.value());
    map.put("without", ablation.without());
    map.put("change", ablation.change());
    map.put("interval", List.of(ablation.low(), ablation.high()));
    return map;
  }
}
