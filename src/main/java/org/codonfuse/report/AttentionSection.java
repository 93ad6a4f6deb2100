package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToIntFunction;
import org.codonfuse.explain.Explanation.AttentionShare;
import org.codonfuse.explain.Explanation.AttentionWeight;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.HeatmapChart;

/** Who looks at whom in cross-attention. */
final class AttentionSection implements Section {
  /** Cells for the codons of a modality. */
  private static final int CELLS = 24;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> choice =
        Explained.each("attention-run", Explained.of(data), AttentionSection::blocks);
    if (choice.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "In cross-attention every codon of a modality gathers what it needs of the codons of"
                + " all modalities; the weights of what it looks at sum to 1. Attention is not"
                + " causation: it says where the model looked, not that the prediction depends on"
                + " it. What does is in the ablations and attributions above."));
    blocks.addAll(choice);
    return Optional.of(new Chapter("attention", "Attention", blocks));
  }

  private static List<Block> blocks(Explained run) {
    List<Block> blocks = new ArrayList<>();
    if (!run.explanation().attention().isEmpty()) {
      blocks.add(new Block.Plot(heads(run)));
    }
    List<String> ids = Explained.distinct(run.explanation().attentionMaps(), AttentionWeight::id);
    List<Block.Option> maps = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      maps.add(new Block.Option(ids.get(i), List.of(new Block.Plot(map(run, ids.get(i), i + 1)))));
    }
    blocks.addAll(Explained.choice(run.id("attention", "sequence"), "Sequence", maps));
    return blocks;
  }

  private static HeatmapChart heads(Explained run) {
    List<AttentionShare> shares = run.explanation().attention();
    List<String> keys = Explained.distinct(shares, AttentionShare::key);
    List<String> rows = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    for (int head : shares.stream().map(AttentionShare::head).distinct().toList()) {
      for (String query : Explained.distinct(shares, AttentionShare::query)) {
        rows.add(query);
        groups.add("head " + head);
        values.add(
            keys.stream()
                .mapToDouble(
                    key ->
                        shares.stream()
                            .filter(s -> s.head() == head)
                            .filter(s -> s.query().equals(query) && s.key().equals(key))
                            .mapToDouble(AttentionShare::weight)
                            .findFirst()
                            .orElse(Double.NaN))
                .toArray());
      }
    }
    double[][] all = values.toArray(double[][]::new);
    return new HeatmapChart(
        new Caption(
            run.id("attention", "heads"),
            "Who looks at whom in " + run.name(),
            "Mean over sequences and codons, for each head: a row looks at the columns and sums to"
                + " 1. With equal weights every cell would have %s."
                    .formatted(Numbers.three(1.0 / Math.max(1, keys.size())))),
        "looked at",
        "looks",
        keys,
        rows,
        groups,
        all,
        ColourScale.sequential("attention", all),
        Arrays.stream(all)
            .map(row -> Arrays.stream(row).mapToObj(Numbers::three).toList())
            .toList());
  }

  /** Cells of neighbouring codons, by modality. */
  private record Axis(List<String> modalities, int size, int cells) {
    static Axis of(
        List<AttentionWeight> weights, List<String> modalities, ToIntFunction<AttentionWeight> at) {
      // Positions may be those of groups of codons already.
      TreeSet<Integer> positions = new TreeSet<>();
      weights.forEach(w -> positions.add(at.applyAsInt(w)));
      int step = positions.size() > 1 ? positions.higher(positions.first()) - 1 : 1;
      int size = Math.ceilDiv(positions.size(), CELLS) * step;
      return new Axis(modalities, size, (positions.last() - 1) / size + 1);
    }

    int place(String modality, int position) {
      return modalities.indexOf(modality) * cells + (position - 1) / size;
    }

    List<String> names(boolean withModality) {
      List<String> names = new ArrayList<>();
      for (String modality : modalities) {
        for (int cell = 0; cell < cells; cell++) {
          String range =
              size == 1 ? Integer.toString(cell + 1) : (cell * size + 1) + "–" + (cell + 1) * size;
          names.add(withModality ? modality + " " + range : range);
        }
      }
      return names;
    }

    List<String> groups() {
      List<String> groups = new ArrayList<>();
      modalities.forEach(m -> groups.addAll(Collections.nCopies(cells, m)));
      return groups;
    }
  }

  private static HeatmapChart map(Explained run, String id, int number) {
    List<AttentionWeight> weights =
        run.explanation().attentionMaps().stream().filter(w -> w.id().equals(id)).toList();
    Axis rows =
        Axis.of(
            weights,
            Explained.distinct(weights, AttentionWeight::query),
            AttentionWeight::queryPosition);
    Axis columns =
        Axis.of(
            weights,
            Explained.distinct(weights, AttentionWeight::key),
            AttentionWeight::keyPosition);
    List<String> names = rows.names(false);
    double[][] sums = new double[names.size()][columns.names(true).size()];
    List<TreeSet<Integer>> members = new ArrayList<>();
    names.forEach(_ -> members.add(new TreeSet<>()));
    for (AttentionWeight w : weights) {
      int row = rows.place(w.query(), w.queryPosition());
      sums[row][columns.place(w.key(), w.keyPosition())] += w.weight();
      members.get(row).add(w.queryPosition());
    }
    for (int row = 0; row < sums.length; row++) {
      int count = Math.max(1, members.get(row).size());
      Arrays.setAll(sums[row], cell(sums[row], count));
    }
    return new HeatmapChart(
        new Caption(
            run.id("attention", "map", Integer.toString(number)),
            "Who looks at whom in %s, codon by codon, for %s".formatted(id, run.name()),
            "Mean over heads: the codons of a row look at those of the columns, and a row sums to"
                + " 1."
                + (rows.size() > 1 || columns.size() > 1
                    ? " Neighbouring codons share a cell."
                    : "")),
        "looked at",
        "looks",
        columns.names(true),
        names,
        rows.groups(),
        sums,
        ColourScale.sequential("attention", sums),
        List.of());
  }

  private static IntToDoubleFunction cell(double[] row, int count) {
    double[] before = row.clone();
    return i -> before[i] / count;
  }
}
