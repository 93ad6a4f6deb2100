package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.report.AminoAcids.Codon;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.HeatmapChart;

/** What other codons would change. */
final class MutationFigures {
  /** Sequences with a map each. */
  private static final int MOST = 3;

  private static final int EXCHANGES = 10;

  private final Explained run;

  MutationFigures(Explained run) {
    this.run = run;
  }

  List<Block> blocks() {
    List<Mutation> all = run.explanation().mutations();
    if (all.isEmpty()) {
      return List.of();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Block.Subheading("Other codons in their place"));
    blocks.add(
        new Block.Paragraph(
            "Each codon was exchanged for "
                + (run.explanation().summary().missense() ? "every other" : "its synonyms")
                + ", one at a time, and the sequence predicted anew. The map shows single"
                + " exchanges; two at once need not add up, and what the model predicts for a"
                + " sequence unlike those it learned from may be wrong."));
    blocks.addAll(
        run.eachOutput(
            "mutations",
            output -> {
              List<Mutation> mutations =
                  all.stream().filter(m -> m.output().equals(output)).toList();
              return mutations.isEmpty() ? List.of() : blocks(output, mutations);
            }));
    return blocks;
  }

  private List<Block> blocks(String output, List<Mutation> mutations) {
    List<String> ids = Explained.distinct(mutations, Mutation::id);
    List<Block.Option> maps = new ArrayList<>();
    for (int i = 0; i < Math.min(MOST, ids.size()); i++) {
      String id = ids.get(i);
      List<Mutation> own = mutations.stream().filter(m -> m.id().equals(id)).toList();
      maps.add(new Block.Option(id, List.of(new Block.Plot(map(output, id, i + 1, own)))));
    }
    List<Block> blocks =
        new ArrayList<>(
            Explained.choice(run.id("mutations", "of", run.part(output)), "Sequence", maps));
    blocks.add(new Block.Table(table(output, mutations)));
    return blocks;
  }

  private HeatmapChart map(String output, String id, int number, List<Mutation> mutations) {
    Map<Integer, String> columns = new TreeMap<>();
    Map<Codon, Map<Integer, Double>> cells = new HashMap<>();
    for (Mutation of : mutations) {
      columns.put(of.position(), of.position() + " " + of.codon());
      cells
          .computeIfAbsent(new Codon(of.mutant(), of.mutantAminoAcid()), _ -> new HashMap<>())
          .put(of.position(), of.change());
    }
    List<Codon> codons = cells.keySet().stream().sorted(Codon.ORDER).toList();
    double[][] values =
        codons.stream()
            .map(
                codon ->
                    columns.keySet().stream()
                        .mapToDouble(
                            position -> cells.get(codon).getOrDefault(position, Double.NaN))
                        .toArray())
            .toArray(double[][]::new);
    return new HeatmapChart(
        new Caption(
            run.id("mutation-map", Integer.toString(number), run.part(output)),
            "What other codons would change in %s for %s".formatted(id, run.name()),
            "Columns are the places of the sequence with their codons, rows the codons put there;"
                + " cells without a colour were not tried."),
        "place",
        "codon put there",
        List.copyOf(columns.values()),
        codons.stream().map(Codon::letters).toList(),
        codons.stream().map(Codon::group).toList(),
        values,
        ColourScale.diverging("change of " + run.unit(output), values),
        List.of());
  }

  private DataTable table(String output, List<Mutation> mutations) {
    List<Mutation> sorted =
        mutations.stream().sorted(Comparator.comparingDouble(Mutation::change).reversed()).toList();
    int most = Math.min(EXCHANGES, sorted.size() / 2);
    List<Mutation> extreme = new ArrayList<>(sorted.subList(0, most));
    extreme.addAll(sorted.subList(Math.max(most, sorted.size() - EXCHANGES), sorted.size()));
    List<List<Cell>> rows =
        extreme.stream()
            .map(
                of ->
                    List.of(
                        Cell.text(of.id()),
                        Cell.count(of.position()),
                        Cell.text(of.codon() + " → " + of.mutant()),
                        Cell.text(
                            of.synonymous()
                                ? AminoAcids.name(of.aminoAcid())
                                : AminoAcids.name(of.aminoAcid())
                                    + " → "
                                    + AminoAcids.name(of.mutantAminoAcid())),
                        Cell.number(of.prediction()),
                        Cell.number(of.change())))
            .toList();
    return new DataTable(
        run.id("mutations", "table", run.part(output)),
        "The exchanges with the largest changes in both directions, of %s that were tried"
            .formatted(Numbers.count(mutations.size())),
        List.of("Sequence", "Place", "Exchange", "Amino acid", "Predicted", "Change"),
        rows);
  }
}
