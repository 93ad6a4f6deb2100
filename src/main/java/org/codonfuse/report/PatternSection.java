package org.codonfuse.report;

import static org.codonfuse.report.Explained.mean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.explain.ClusterOrder;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.report.AminoAcids.Codon;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.HeatmapChart;

/** What the runs of a report, or the tasks they are for, have in common. */
final class PatternSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Column> columns =
        Explained.of(data).stream()
            .flatMap(run -> run.outputs().stream().map(output -> new Column(run, output)))
            .toList();
    List<Block> blocks = new ArrayList<>();
    if (columns.size() > 1) {
      shares(columns).ifPresent(chart -> blocks.add(new Block.Plot(chart)));
      List<Block.Option> options = new ArrayList<>();
      for (Evidence evidence : List.of(Evidence.ATTRIBUTION, Evidence.SYNONYMOUS)) {
        List<Block> charts = new ArrayList<>();
        if (evidence == Evidence.ATTRIBUTION) {
          // Against synonyms the effects within an amino acid cancel.
          effects(columns, evidence, "amino acid", CodonEffect::aminoAcid)
              .ifPresent(chart -> charts.add(new Block.Plot(chart)));
        }
        effects(columns, evidence, "codon", CodonEffect::codon)
            .ifPresent(chart -> charts.add(new Block.Plot(chart)));
        options.add(
            new Block.Option(
                evidence == Evidence.ATTRIBUTION ? "Attributions" : "Exchanges for synonyms",
                charts));
      }
      blocks.addAll(Explained.choice("patterns-evidence", "Evidence", options));
    }
    if (blocks.isEmpty()) {
      return Optional.empty();
    }
    blocks.addFirst(
        new Block.Paragraph(
            "Rows and columns are in the order of hierarchical clustering (average linkage), so"
                + " that alike ones are side by side. Effects are divided by the largest of their"
                + " column, because predictions have different units: compare patterns, not sizes."
                + " Runs on the same data are alike for that reason alone."));
    return Optional.of(new Chapter("patterns", "Patterns across runs", blocks));
  }

  /** An output of a run. */
  private record Column(Explained run, String output) {
    String name() {
      return run.outputs().size() == 1 ? run.name() : run.name() + " " + output;
    }
  }

  private static Optional<HeatmapChart> shares(List<Column> all) {
    SequencedSet<String> modalities = new LinkedHashSet<>();
    List<Column> columns =
        all.stream().filter(column -> !column.run().explanation().shares().isEmpty()).toList();
    columns.forEach(column -> modalities.addAll(column.run().modalities()));
    if (columns.size() < 2 || modalities.size() < 2) {
      return Optional.empty();
    }
    double[][] values =
        columns.stream()
            .map(column -> modalities.stream().mapToDouble(m -> share(column, m)).toArray())
            .toArray(double[][]::new);
    int[] order = ClusterOrder.of(values);
    double[][] sorted = rows(values, order);
    return Optional.of(
        new HeatmapChart(
            new Caption(
                "patterns-modalities",
                "Which modality each prediction comes from",
                "Mean share of the absolute attributions of a sequence. Runs without a modality"
                    + " have no colour there."),
            "modality",
            "run",
            List.copyOf(modalities),
            IntStream.of(order).mapToObj(i -> columns.get(i).name()).toList(),
            List.of(),
            sorted,
            new ColourScale("share of attributions", ColourScale.Kind.SEQUENTIAL, 0, 1),
            Arrays.stream(sorted)
                .map(
                    row ->
                        Arrays.stream(row)
                            .mapToObj(
                                v -> Double.isNaN(v) ? "" : "%s %%".formatted(Math.round(100 * v)))
                            .toList())
                .toList()));
  }

  private static double share(Column column, String modality) {
    return mean(
        column.run().explanation().shares().stream()
            .filter(s -> s.output().equals(column.output()) && s.modality().equals(modality))
            .mapToDouble(ModalityShare::share)
            .toArray());
  }

  private static Optional<HeatmapChart> effects(
      List<Column> all, Evidence evidence, String what, Function<CodonEffect, String> key) {
    Map<String, String> groups = new HashMap<>();
    List<Column> columns = new ArrayList<>();
    List<Map<String, double[]>> sums = new ArrayList<>();
    for (Column column : all) {
      Map<String, double[]> sum = new HashMap<>();
      for (CodonEffect e : column.run().explanation().effects()) {
        if (e.evidence() == evidence && e.output().equals(column.output())) {
          double[] of = sum.computeIfAbsent(key.apply(e), _ -> new double[2]);
          of[0] += e.effect() * e.count();
          of[1] += e.count();
          groups.put(key.apply(e), e.aminoAcid());
        }
      }
      if (!sum.isEmpty()) {
        columns.add(column);
        sums.add(sum);
      }
    }
    if (columns.size() < 2) {
      return Optional.empty();
    }
    List<String> names = groups.keySet().stream().sorted().toList();
    double[][] byColumn =
        sums.stream()
            .map(
                sum ->
                    scaled(
                        names.stream()
                            .mapToDouble(
                                name ->
                                    sum.containsKey(name)
                                        ? sum.get(name)[0] / sum.get(name)[1]
                                        : Double.NaN)
                            .toArray()))
            .toArray(double[][]::new);
    int[] across = ClusterOrder.of(byColumn);
    double[][] byRow = transposed(rows(byColumn, across));
    int[] down = ClusterOrder.of(byRow);
    double[][] values = rows(byRow, down);
    return Optional.of(
        new HeatmapChart(
            new Caption(
                Caption.id("patterns", evidence.name(), what),
                "Effects by %s across runs".formatted(what),
                (evidence == Evidence.ATTRIBUTION
                        ? "Mean attribution, summed over modalities"
                        : "What the codon changes in the place of its synonyms")
                    + ", as a part of the largest of each column."),
            "run",
            what,
            IntStream.of(across).mapToObj(i -> columns.get(i).name()).toList(),
            IntStream.of(down).mapToObj(i -> label(names.get(i), groups)).toList(),
            List.of(),
            values,
            new ColourScale("effect / largest", ColourScale.Kind.DIVERGING, -1, 1),
            List.of()));
  }

  private static String label(String name, Map<String, String> groups) {
    Codon codon = new Codon(name, groups.get(name));
    return name.length() == 1 ? codon.group() : codon.group() + " " + name;
  }

  private static double[] scaled(double[] values) {
    double most = Arrays.stream(values).filter(Double::isFinite).map(Math::abs).max().orElse(0);
    return most == 0 ? values : Arrays.stream(values).map(v -> v / most).toArray();
  }

  private static double[][] rows(double[][] values, int[] order) {
    return IntStream.of(order).mapToObj(i -> values[i]).toArray(double[][]::new);
  }

  private static double[][] transposed(double[][] values) {
    return IntStream.range(0, values[0].length)
        .mapToObj(c -> Arrays.stream(values).mapToDouble(row -> row[c]).toArray())
        .toArray(double[][]::new);
  }
}
