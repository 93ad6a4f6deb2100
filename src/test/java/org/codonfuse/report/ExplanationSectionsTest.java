package org.codonfuse.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.explain.Explanation;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.HeatmapChart;
import org.codonfuse.report.chart.ScatterChart;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.run.TargetConfig;
import org.junit.jupiter.api.Test;

class ExplanationSectionsTest {
  private static final List<Section> SECTIONS =
      List.of(
          new ModalitySection(),
          new CodonSection(),
          new SequenceSection(),
          new AttentionSection(),
          new MapSection(),
          new PatternSection(),
          new CompletenessSection());

  private static final Pattern SCRIPT =
      Pattern.compile("<(script|style)([^>]*)>.*?</\\1>", Pattern.DOTALL);

  private static ReportData data(ReportRun... runs) {
    return new ReportData(List.of(runs));
  }

  private static List<Chapter> chapters(ReportData data) {
    return SECTIONS.stream().map(s -> s.of(data)).flatMap(Optional::stream).toList();
  }

  private static String page(ReportData data) {
    return Page.of("title", "subtitle", "1", chapters(data));
  }

  /** Without what is inside scripts and styles. */
  private static String markup(String page) {
    return SCRIPT.matcher(page).replaceAll("");
  }

  private static Stream<Chart> charts(List<Block> blocks) {
    return blocks.stream()
        .flatMap(
            block ->
                switch (block) {
                  case Block.Plot(Chart chart) -> Stream.of(chart);
                  case Block.Choice choice ->
                      choice.options().stream().flatMap(o -> charts(o.blocks()));
                  default -> Stream.of();
                });
  }

  private static Chart chart(ReportData data, String id) {
    List<Chart> charts = chapters(data).stream().flatMap(c -> charts(c.blocks())).toList();
    return charts.stream()
        .filter(c -> c.caption().id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    id + " among " + charts.stream().map(c -> c.caption().id()).toList()));
  }

  private static ReportRun full(String name, int sequences, int codons) {
    return Explanations.run(
        name,
        List.of(),
        Optional.of(Explanations.full(sequences, codons, List.of(Explanations.HOSTILE))));
  }

  @Test
  void runsWithoutExplanationsHaveNoChapters() {
    assertEquals(List.of(), chapters(data(Explanations.run("a", List.of(), Optional.empty()))));
  }

  @Test
  void emptyTablesHaveNoFigures() {
    Optional<Explanation> empty = Optional.of(Explanations.empty());
    ReportData data =
        data(Explanations.run("a", List.of(), empty), Explanations.run("b", List.of(), empty));
    assertEquals(0, chapters(data).stream().flatMap(c -> charts(c.blocks())).count());
    page(data);
  }

  @Test
  void everyRunHasFiguresOfItsOwnAndChoicesAmongThem() {
    // Names from which no ids follow, and two with the same.
    ReportData data = data(full("日本", 4, 5), full("a b", 4, 5), full("a-b", 4, 5));
    List<Chart> charts = chapters(data).stream().flatMap(c -> charts(c.blocks())).toList();
    List<String> ids = charts.stream().map(c -> c.caption().id()).toList();
    assertEquals(ids.size(), new HashSet<>(ids).size());
    String page = page(data);
    assertTrue(page.contains("data-label=\"Run\""));
    assertEquals(7, chapters(data).size());
  }

  @Test
  void namesOfOutputsThatDifferInSignsOnlyAreToldApart() {
    List<String> classes = List.of("α", "β", "a b", "a-b");
    List<Chart> charts =
        chapters(
                data(Explanations.run("a", classes, Optional.of(Explanations.full(3, 4, classes)))))
            .stream()
            .flatMap(c -> charts(c.blocks()))
            .toList();
    List<String> ids = charts.stream().map(c -> c.caption().id()).toList();
    assertEquals(ids.size(), new HashSet<>(ids).size());
    assertTrue(ids.contains("explained-a-codon-effects-output-4-attribution"));
  }

  @Test
  void hostileNamesStayText() {
    String page = page(data(full(Explanations.HOSTILE, 3, 4), full("b", 3, 4)));
    assertFalse(markup(page).contains("<img"));
    assertTrue(markup(page).contains("&lt;img"));
    assertEquals(3, page.split("</script", -1).length - 1);
  }

  @Test
  void oneSequenceOfOneCodonIsEnough() {
    String page = page(data(full("a", 1, 1)));
    assertEquals(1, page.split("<ol class=\"codons\"", -1).length - 1);
    assertFalse(markup(page).contains("NaN"));
  }

  @Test
  void manyLongSequencesStaySmall() {
    String page = page(data(full("a", 100, 340)));
    assertTrue(page.length() < 5 << 20, page.length() + " characters");
    int shown = page.split("<ol class=\"codons\"", -1).length - 1;
    assertTrue(shown >= 4 && shown <= 12, shown + " sequences");
  }

  @Test
  void classesAreShownOneByOneAndSequencesWithTheirLikeliest() {
    List<String> classes = List.of("low", "mid", "high");
    ReportData data =
        data(Explanations.run("a", classes, Optional.of(Explanations.full(6, 4, classes))));
    String page = page(data);
    assertTrue(page.contains("data-label=\"Class\""));
    assertTrue(page.contains("predicted logit of high"));
    assertFalse(page.contains("predicted logit of low"));
    ScatterChart map = (ScatterChart) chart(data, "explained-a-map-dna-pca-by-target");
    assertEquals(classes, map.groups().stream().map(ScatterChart.Points::name).toList());
    chart(data, "patterns-modalities");
  }

  @Test
  void otherDataThanTheRunsHaveNotItsTargets() {
    ReportRun own = full("a", 3, 4);
    Origin trainedElsewhere =
        new Origin.Ridge(
            new RidgeConfig(
                "one-hot",
                "1",
                Task.REGRESSION,
                List.of(),
                "other.csv",
                "ff",
                List.of(new TargetConfig("y", TargetScale.IDENTITY)),
                1,
                List.of("f")));
    ReportRun other =
        new ReportRun(
            own.name(),
            own.directory(),
            trainedElsewhere,
            own.history(),
            own.metrics(),
            own.predictions(),
            own.explanation());
    assertTrue(maps(own).contains("explained-a-map-dna-pca-by-target"), maps(own)::toString);
    assertEquals(maps(own).stream().filter(id -> id.endsWith("-by-split")).toList(), maps(other));
  }

  private static List<String> maps(ReportRun run) {
    return chapters(data(run)).stream()
        .flatMap(chapter -> charts(chapter.blocks()))
        .map(chart -> chart.caption().id())
        .filter(id -> id.contains("-map-") && id.contains("-by-"))
        .toList();
  }

  @Test
  void codonsAreOrderedByAminoAcidAndDividedBySign() {
    ReportData data =
        data(
            Explanations.run(
                "a", List.of(), Optional.of(Explanations.full(2, 3, List.of("Value")))));
    BarChart effects = (BarChart) chart(data, "explained-a-codon-effects-attribution");
    assertEquals(64, effects.categories().size());
    assertTrue(effects.categories().getFirst().startsWith("Ala "));
    assertTrue(effects.categories().getLast().startsWith("Stop "));
    for (int i = 0; i < 64; i++) {
      double raises = effects.series().get(0).values()[i];
      double lowers = effects.series().get(1).values()[i];
      assertTrue(raises > 0 && Double.isNaN(lowers) || Double.isNaN(raises) && lowers <= 0);
    }
  }

  @Test
  void attentionOfNeighboursSharesCellsAndRowsStillSumToOne() {
    ReportData data = data(full("a", 1, 30));
    HeatmapChart map =
        (HeatmapChart)
            chapters(data).stream()
                .filter(c -> c.id().equals("attention"))
                .flatMap(c -> charts(c.blocks()))
                .skip(1)
                .findFirst()
                .orElseThrow();
    assertEquals(45, map.rows().size());
    assertEquals("1–2", map.rows().getFirst());
    assertEquals("protein", map.groups().getLast());
    double[] sums = Arrays.stream(map.values()).mapToDouble(r -> Arrays.stream(r).sum()).toArray();
    assertArrayEquals(IntStream.range(0, 45).mapToDouble(_ -> 1).toArray(), sums, 1e-9);
  }

  @Test
  void coloursOfSequencesAreThoseOfCharts() throws Exception {
    try (InputStream in = Page.class.getResourceAsStream("explanation.css")) {
      String css = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<String> named = ColourScale.Kind.DIVERGING.colours();
      int step = (SequenceHtml.LEVELS - 1) / (named.size() - 1);
      for (int i = 0; i < named.size(); i++) {
        Matcher rule =
            Pattern.compile("\\.q" + i * step + " \\{\\s*background: (#[0-9a-f]{6});").matcher(css);
        assertTrue(rule.find());
        assertEquals(named.get(i), rule.group(1));
      }
    }
  }
}
