package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.PositionProfile;
import org.codonfuse.report.AminoAcids.Codon;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.HeatmapChart;

/** What codons do to predictions, over all sequences and by their place. */
final class CodonSection implements Section {
  private static final int BINS = PositionProfile.BINS;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> choice = Explained.each("codons-run", Explained.of(data), CodonSection::blocks);
    if (choice.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "Two kinds of evidence say what codons do. Attributions divide the predictions of"
                + " sequences among the codons that are there; they do not say what another codon"
                + " would do. Exchanges put other codons in their place and predict again, with"
                + " everything else as it was. Both are about the model: what it learned of codons"
                + " that come with one another it cannot tell apart, and no cell was asked."));
    blocks.addAll(choice);
    return Optional.of(new Chapter("codons", "Codons", blocks));
  }

  private static List<Block> blocks(Explained run) {
    return run.eachOutput("codons", output -> blocks(run, output));
  }

  private static List<Block> blocks(Explained run, String output) {
    List<Block.Option> options = new ArrayList<>();
    for (Evidence evidence : Evidence.values()) {
      List<Block> blocks = new ArrayList<>();
      List<CodonEffect> effects =
          run.explanation().effects().stream()
              .filter(e -> e.evidence() == evidence && e.output().equals(output))
              .toList();
      if (!effects.isEmpty()) {
        blocks.add(new Block.Plot(effects(run, output, evidence, effects)));
      }
      List<PositionProfile> profiles =
          run.explanation().profiles().stream()
              .filter(p -> p.evidence() == evidence && p.output().equals(output))
              .toList();
      if (!profiles.isEmpty()) {
        blocks.add(new Block.Plot(profile(run, output, evidence, profiles)));
      }
      options.add(new Block.Option(title(evidence), blocks));
    }
    List<Block> blocks =
        new ArrayList<>(
            Explained.choice(run.id("codons", "evidence", run.part(output)), "Evidence", options));
    blocks.addAll(new PositionFigures(run, output).blocks());
    return blocks;
  }

  private static String title(Evidence evidence) {
    return switch (evidence) {
      case ATTRIBUTION -> "Attributions";
      case SYNONYMOUS -> "Exchanges for synonyms";
      case ANY_CODON -> "Exchanges for any codon";
    };
  }

  private static String explained(Explained run, Evidence evidence) {
    return switch (evidence) {
      case ATTRIBUTION ->
          "Mean attribution of a codon by %s, summed over modalities, in %d sequences (%s)."
              .formatted(
                  run.method(),
                  run.explanation().summary().attributed(),
                  run.explanation().summary().selection());
      case SYNONYMOUS ->
          "What is predicted with a codon, less the mean of what is predicted with each of its"
              + " synonyms in the same place, in %d sequences."
                  .formatted(run.explanation().summary().mutated());
      case ANY_CODON ->
          "What is predicted with a codon, less the mean of what is predicted with each codon in"
              + " the same place, in %d sequences; other amino acids make other proteins."
                  .formatted(run.explanation().summary().mutated());
    };
  }

  private static BarChart effects(
      Explained run, String output, Evidence evidence, List<CodonEffect> all) {
    List<CodonEffect> effects =
        all.stream()
            .sorted(
                Comparator.comparing((CodonEffect e) -> new Codon("", e.aminoAcid()), Codon.ORDER)
                    .thenComparing(Comparator.comparingDouble(CodonEffect::effect).reversed()))
            .toList();
    return new BarChart(
        new Caption(
            run.id("codon-effects", run.part(output), evidence.name()),
            "Codons that raise and lower %s in %s".formatted(run.unit(output), run.name()),
            explained(run, evidence)
                + " Codons by amino acid, those that raise the prediction most first. Lines are"
                + " 95 % intervals of the mean from the spread among sequences, of which there must"
                + " be two."),
        "codon",
        Axis.of("effect on " + run.unit(output)),
        BarChart.Form.DOTS,
        effects.stream().map(e -> AminoAcids.name(e.aminoAcid()) + " " + e.codon()).toList(),
        List.of(
            side("raises the prediction", 1, effects, e -> e.effect() > 0),
            side("lowers it", 0, effects, e -> e.effect() <= 0)));
  }

  private static Bars side(
      String name, int colour, List<CodonEffect> effects, Predicate<CodonEffect> belongs) {
    return new Bars(
        name,
        colour,
        effects.stream().mapToDouble(e -> belongs.test(e) ? e.effect() : Double.NaN).toArray(),
        effects.stream().mapToDouble(e -> belongs.test(e) ? e.low() : Double.NaN).toArray(),
        effects.stream().mapToDouble(e -> belongs.test(e) ? e.high() : Double.NaN).toArray());
  }

  private static HeatmapChart profile(
      Explained run, String output, Evidence evidence, List<PositionProfile> profiles) {
    Map<Codon, Map<Integer, Double>> cells = new HashMap<>();
    for (PositionProfile of : profiles) {
      cells
          .computeIfAbsent(new Codon(of.codon(), of.aminoAcid()), _ -> new LinkedHashMap<>())
          .put(of.bin(), of.effect());
    }
    List<Codon> codons = cells.keySet().stream().sorted(Codon.ORDER).toList();
    double[][] values =
        codons.stream()
            .map(
                codon ->
                    IntStream.rangeClosed(1, BINS)
                        .mapToDouble(bin -> cells.get(codon).getOrDefault(bin, Double.NaN))
                        .toArray())
            .toArray(double[][]::new);
    return new HeatmapChart(
        new Caption(
            run.id("codon-places", run.part(output), evidence.name()),
            "Effects of codons on %s along the sequence in %s"
                .formatted(run.unit(output), run.name()),
            "The same by tenths of the sequence, from its start codon to its stop codon; cells"
                + " without a colour were not seen. A cell is a mean of few places, so look for"
                + " rows and columns, not for single cells."),
        "tenth of the sequence",
        "codon",
        IntStream.rangeClosed(1, BINS).mapToObj(Integer::toString).toList(),
        codons.stream().map(Codon::letters).toList(),
        codons.stream().map(Codon::group).toList(),
        values,
        ColourScale.diverging("effect on " + run.unit(output), values),
        List.of());
  }
}
