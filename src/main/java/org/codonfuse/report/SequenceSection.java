package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.Completeness;

/** Some sequences codon by codon: attributions as colours, and what other codons would change. */
final class SequenceSection implements Section {
  /** Sequences of a run that are shown in full, unless the codons of all would be too many. */
  private static final int MOST = 8;

  /** Codons that a page can show. */
  private static final int CODONS = 4000;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Explained> runs = Explained.of(data);
    int room = CODONS / Math.max(1, runs.size());
    List<Block> choice = Explained.each("sequences-run", runs, run -> blocks(run, room));
    if (choice.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "Each sequence has a scale of its own: equal colours in two sequences need not be equal"
                + " numbers. What is attributed to a codon depends on all others, as their"
                + " embeddings do."));
    blocks.addAll(choice);
    return Optional.of(new Chapter("sequences", "Sequences", blocks));
  }

  private static List<Block> blocks(Explained run, int room) {
    List<Block> blocks = new ArrayList<>();
    Map<Completeness, List<CodonAttribution>> shown = shown(run, room);
    List<Block.Option> options = new ArrayList<>();
    shown.forEach(
        (of, codons) ->
            options.add(
                new Block.Option(
                    name(run, of),
                    List.of(
                        new Block.Html(
                            SequenceHtml.of(
                                run,
                                run.id("codons", Integer.toString(options.size() + 1)),
                                of,
                                codons))))));
    if (!options.isEmpty()) {
      blocks.add(new Block.Subheading("Attributions, codon by codon"));
      blocks.add(
          new Block.Paragraph(
              "By %s, %s"
                  .formatted(
                      run.method(),
                      options.size() < run.explanation().completeness().size()
                          ? "of some of the sequences, from the lowest to the highest prediction."
                          : "of all that were attributed.")));
      blocks.addAll(Explained.choice(run.id("sequences"), "Sequence", options));
    }
    blocks.addAll(new MutationFigures(run).blocks());
    return blocks;
  }

  private static String name(Explained run, Completeness of) {
    return "%s, predicted %s %s"
        .formatted(of.id(), run.unit(of.output()), Numbers.three(of.prediction()));
  }

  /** From the lowest to the highest prediction; of classes, each sequence with its likeliest. */
  private static Map<Completeness, List<CodonAttribution>> shown(Explained run, int room) {
    List<Completeness> all = new ArrayList<>(candidates(run));
    all.sort(Comparator.comparingDouble(Completeness::prediction));
    LinkedHashSet<Completeness> chosen = new LinkedHashSet<>();
    int count = Math.min(MOST, all.size());
    for (int i = 0; i < count; i++) {
      chosen.add(all.get(count == 1 ? 0 : (int) Math.round(i * (all.size() - 1.0) / (count - 1))));
    }
    Map<String, List<CodonAttribution>> byId = new LinkedHashMap<>();
    for (CodonAttribution of : run.explanation().attributions()) {
      byId.computeIfAbsent(of.id(), _ -> new ArrayList<>()).add(of);
    }
    Map<Completeness, List<CodonAttribution>> shown = new LinkedHashMap<>();
    int codons = 0;
    for (Completeness of : chosen) {
      List<CodonAttribution> rows =
          byId.getOrDefault(of.id(), List.of()).stream()
              .filter(a -> a.output().equals(of.output()))
              .toList();
      int length = rows.size() / Math.max(1, run.modalities().size());
      if (!rows.isEmpty() && (shown.isEmpty() || codons + length <= room)) {
        shown.put(of, rows);
        codons += length;
      }
    }
    return shown;
  }

  private static List<Completeness> candidates(Explained run) {
    List<Completeness> all = run.explanation().completeness();
    if (run.run().outputs().classes().isEmpty()) {
      return all;
    }
    Map<String, Completeness> likeliest = new LinkedHashMap<>();
    all.forEach(
        of -> likeliest.merge(of.id(), of, (a, b) -> b.prediction() > a.prediction() ? b : a));
    return List.copyOf(likeliest.values());
  }
}
