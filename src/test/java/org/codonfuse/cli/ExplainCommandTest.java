package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Completeness;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.ExplanationDirectory;
import org.codonfuse.training.metrics.RegressionMetrics;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresTorch
class ExplainCommandTest {
  private static final String SMALL = "--model-dim=8";

  @TempDir private static Path folder;
  private static RunCommandsFixture fixture;

  @BeforeAll
  static void train() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    String[] streams = {"--dna=@dna", "--protein=@protein"};
    assertTrained(fixture.train("--output=@rna-run"));
    assertTrained(fixture.train("--output=@concat", "--fusion=concat", streams[0], streams[1]));
    assertTrained(fixture.train("--output=@mil", "--fusion=mil", SMALL, streams[0], streams[1]));
    assertTrained(
        fixture.train(
            "--output=@cross", "--fusion=cross-attention", SMALL, streams[0], streams[1]));
    assertTrained(
        fixture.train(
            "--output=@unaligned", "--fusion=concat-unaligned", SMALL, streams[0], streams[1]));
    assertTrained(
        fixture.finetune(
            "--output=@tuned",
            "--fusion=mil",
            SMALL,
            streams[0],
            streams[1],
            "--modalities=rna,protein",
            "--encoder-learning-rate=1e-2"));
    StringBuilder csv = new StringBuilder("Id,Sequence,label,Split\n");
    TestRuns.rows()
        .forEach(
            row ->
                csv.append(String.join(",", row.id(), row.sequence(), row.level(), row.split()))
                    .append('\n'));
    Files.writeString(folder.resolve("classes.csv"), csv);
    assertTrained(fixture.train("--output=@classes", "--data=@classes.csv"));
  }

  private static void assertTrained(Said said) {
    assertEquals(0, said.code(), said.err());
  }

  private static Explanation explain(String run, String... options) {
    Said said = call(run, options);
    assertEquals(0, said.code(), said.err());
    return ExplanationDirectory.read(folder.resolve(run).resolve(ExplanationDirectory.NAME));
  }

  private static Said call(String run, String... options) {
    List<String> args = new ArrayList<>(List.of("explain", "@" + run, "--cache=@cache"));
    args.addAll(List.of(options));
    if (args.stream().noneMatch(arg -> arg.startsWith("--mutate"))) {
      args.add("--mutate=2");
    }
    return fixture.call(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rna-run", "concat", "mil", "cross", "unaligned", "tuned"})
  void everyFusionHasComparableFigures(String run) {
    Explanation explanation = explain(run);
    int modalities = explanation.summary().modalities().size();
    // Six test sequences of sixty.
    assertEquals(12, explanation.summary().attributed());
    assertEquals(12 * modalities, explanation.shares().size());
    for (Completeness of : explanation.completeness()) {
      double shares =
          explanation.shares().stream()
              .filter(share -> share.id().equals(of.id()))
              .mapToDouble(ModalityShare::attribution)
              .sum();
      assertEquals(of.attributed(), shares, 1e-9);
      assertTrue(
          of.gap() < 0.01 || Math.abs(of.prediction() - of.baseline()) < 1e-3, of.toString());
    }
    assertEquals(12, explanation.shares().stream().mapToDouble(ModalityShare::share).sum(), 1e-6);
    assertEquals(modalities == 1 ? 0 : 2 * modalities, explanation.ablations().size());
    assertTrue(
        explanation.ablations().stream()
            .allMatch(a -> a.low() <= a.change() && a.change() <= a.high()));
    assertEquals(2, explanation.mutations().stream().map(Mutation::id).distinct().count());
    assertTrue(explanation.map().stream().anyMatch(point -> point.method().equals("pca")));
  }

  /** What encoders learned is in every figure, whatever computes. */
  @Test
  void encodersThatLearnedAreExplainedAlikeByEveryBackend() throws IOException {
    Explanation torch = explain("tuned", "--backend=torch");
    List<String> lines = Files.readAllLines(folder.resolve("tuned/predictions.csv"));
    int column = List.of(lines.getFirst().split(",")).indexOf("prediction");
    Map<String, Double> predictions =
        lines.stream()
            .skip(1)
            .map(line -> line.split(","))
            .collect(Collectors.toMap(cells -> cells[0], cells -> Double.valueOf(cells[column])));
    for (Completeness of : torch.completeness()) {
      assertEquals(predictions.get(of.id()), of.prediction(), 1e-5);
    }
    double[] expected = figures(torch);
    for (String backend : List.of("vector", "scalar")) {
      Explanation other = explain("tuned", "--backend=" + backend);
      assertArrayEquals(expected, figures(other), 1e-4, backend);
      assertEquals(List.of(), other.attributions());
    }
  }

  private static double[] figures(Explanation of) {
    return Stream.of(
            of.weights().stream().map(ModalityWeight::weight),
            of.ablations().stream().map(Ablation::without),
            of.mutations().stream().map(Mutation::change))
        .flatMap(figures -> figures)
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  @Test
  void tokensOfAnyGranularityAreBroughtToCodons() {
    for (String run : List.of("rna-run", "unaligned", "concat")) {
      Explanation explanation = explain(run);
      for (String id :
          explanation.attributions().stream().map(CodonAttribution::id).distinct().toList()) {
        int codons =
            TestRuns.rows().stream()
                .filter(row -> row.id().equals(id))
                .map(row -> row.sequence().length() / 3)
                .findFirst()
                .orElseThrow();
        for (String modality : explanation.summary().modalities()) {
          double sum =
              explanation.attributions().stream()
                  .filter(a -> a.id().equals(id) && a.modality().equals(modality))
                  .mapToDouble(CodonAttribution::attribution)
                  .sum();
          double share =
              explanation.shares().stream()
                  .filter(s -> s.id().equals(id) && s.modality().equals(modality))
                  .mapToDouble(ModalityShare::attribution)
                  .sum();
          assertEquals(share, sum, 1e-6);
          assertEquals(
              codons,
              explanation.attributions().stream()
                  .filter(a -> a.id().equals(id) && a.modality().equals(modality))
                  .count());
        }
      }
    }
  }

  @Test
  void weightsOfModalitiesAreThoseOfEverySequence() {
    Explanation explanation = explain("mil", "--attribution=none", "--mutate=0");
    assertEquals(3 * TestRuns.SIZE, explanation.weights().size());
    explanation.weights().stream()
        .collect(
            Collectors.groupingBy(
                ModalityWeight::id, Collectors.summingDouble(ModalityWeight::weight)))
        .values()
        .forEach(sum -> assertEquals(1, sum, 1e-5));
    assertEquals(List.of(), explain("concat", "--mutate=0").weights());
  }

  @Test
  void attentionOfEveryQuerySumsToOne() {
    Explanation explanation = explain("cross", "--mutate=0");
    assertEquals(4 * 3 * 3, explanation.attention().size());
    explanation.attention().stream()
        .collect(
            Collectors.groupingBy(
                share -> share.head() + share.query(),
                Collectors.summingDouble(share -> share.weight())))
        .values()
        .forEach(sum -> assertEquals(1, sum, 1e-5));
    explanation.attentionMaps().stream()
        .collect(
            Collectors.groupingBy(
                cell -> cell.id() + cell.query() + cell.queryPosition(),
                Collectors.summingDouble(cell -> cell.weight())))
        .values()
        .forEach(sum -> assertEquals(1, sum, 1e-5));
  }

  @Test
  void everyClassIsAnOutput() {
    Explanation explanation = explain("classes");
    assertEquals(3, explanation.summary().outputs().size());
    assertEquals(3, explanation.mutations().stream().map(Mutation::output).distinct().count());
    assertEquals(36, explanation.completeness().size());
  }

  @Test
  void otherDataMayHaveNoTargets() throws IOException {
    Files.writeString(folder.resolve("new.fasta"), ">one\nATGGCTAAATTT\n>two\nATG\n");
    Explanation explanation = explain("concat", "--data=@new.fasta");
    assertEquals(List.of(), explanation.ablations());
    assertEquals(2, explanation.summary().attributed());
  }

  @Test
  void ablationsNeedTargetsOfOtherData() throws IOException {
    Files.writeString(
        folder.resolve("other.csv"),
        TestRuns.csv().lines().limit(20).collect(Collectors.joining("\n")));
    Explanation explanation = explain("concat", "--data=@other.csv", "--mutate=0");
    assertTrue(explanation.ablations().stream().map(Ablation::split).toList().contains("test"));
  }

  @Test
  void sequencesAreNamed() {
    Explanation explanation = explain("concat", "--sequence=s03", "--sequence=s04");
    assertEquals(
        List.of("s03", "s04"), explanation.completeness().stream().map(Completeness::id).toList());
    Said said = call("concat", "--sequence=nobody");
    assertEquals(1, said.code());
    assertTrue(said.err().contains("has no sequence 'nobody'"), said.err());
    said = call("concat", "--sequence=s3");
    assertTrue(said.err().contains("(did you mean s03?)"), said.err());
  }

  @Test
  void withoutGradientsEverythingElseIsThere() {
    Said said = call("mil", "--backend=vector");
    assertEquals(0, said.code(), said.err());
    assertTrue(said.err().contains("Attributions are left out"), said.err());
    Explanation explanation =
        ExplanationDirectory.read(folder.resolve("mil").resolve(ExplanationDirectory.NAME));
    assertEquals(List.of(), explanation.attributions());
    assertFalse(explanation.weights().isEmpty());
    assertFalse(explanation.mutations().isEmpty());
    Said insisted = call("mil", "--backend=vector", "--attribution=gradient-input");
    assertEquals(1, insisted.code());
  }

  @Test
  void codonsAreExchangedOnlyWhereThatMakesADifference() throws IOException {
    assertEquals(
        0,
        fixture.call("embed", "--model=@rna", "--input=@data.csv", "--output=@store-rna").code());
    Said asked = call("rna-run", "--rna=@store-rna", "--attribution=none");
    assertEquals(2, asked.code());
    assertTrue(asked.err().contains("reads embeddings from a store"), asked.err());
    Said noted =
        fixture.call(
            "explain", "@rna-run", "--rna=@store-rna", "--cache=@cache", "--attribution=none");
    assertEquals(0, noted.code(), noted.err());
    assertTrue(noted.err().contains("no codons are exchanged"), noted.err());
    assertTrained(
        fixture.train("--output=@prot", "--fusion=protein", "--rna=", "--protein=@protein"));
    noted = fixture.call("explain", "@prot", "--cache=@cache", "--attribution=none");
    assertEquals(0, noted.code(), noted.err());
    assertTrue(noted.err().contains("reads the protein alone"), noted.err());
    assertFalse(explain("prot", "--missense", "--mutate=1").mutations().isEmpty());
  }

  /** The target is a function of the codons: what raises it must be found, by every evidence. */
  @Test
  void codonsThatRaiseAKnownTargetAreRecovered() {
    SyntheticData.write(folder.resolve("synthetic.csv"), 600, 1);
    assertTrained(
        fixture.train(
            "--output=@known",
            "--data=@synthetic.csv",
            "--rna=one-hot",
            "--epochs=20",
            "--head-dim=32"));
    Explanation explanation = explain("known", "--missense", "--mutate=5");
    Map<String, Double> weights =
        SyntheticData.codons(new SplittableRandom(1)).stream()
            .collect(Collectors.toMap(SyntheticData.Codon::letters, SyntheticData.Codon::weight));
    for (Evidence evidence : Evidence.values()) {
      List<CodonEffect> effects =
          explanation.effects().stream()
              .filter(of -> of.evidence() == evidence && weights.containsKey(of.codon()))
              .toList();
      // Synonyms are compared with one another alone.
      Map<String, Double> means =
          effects.stream()
              .collect(
                  Collectors.groupingBy(
                      CodonEffect::aminoAcid,
                      Collectors.averagingDouble(of -> weights.get(of.codon()))));
      double[] known =
          effects.stream()
              .mapToDouble(
                  of ->
                      weights.get(of.codon())
                          - (evidence == Evidence.SYNONYMOUS ? means.get(of.aminoAcid()) : 0))
              .toArray();
      double[] found = effects.stream().mapToDouble(CodonEffect::effect).toArray();
      double correlation = RegressionMetrics.spearman(known, found);
      assertTrue(effects.size() > 50 && correlation > 0.8, evidence + " " + correlation);
    }
  }

  @Test
  void jsonHasTheFigures() throws IOException {
    Said said = call("mil", "--json");
    assertEquals(0, said.code(), said.err());
    JsonNode json = JsonMapper.builder().build().readTree(said.out()).get("explanations").get(0);
    assertEquals(6, json.get("ablations").size());
    assertTrue(json.get("modalities").has("attention weight (test)"));
    assertTrue(json.get("median_gap").isNumber());
  }

  @Test
  void theTextSaysWhatItsNumbersAre() {
    String mil = call("mil").out();
    assertTrue(mil.contains("change of spearman without it (test)"), mil);
    assertTrue(mil.contains("Attention is not causation"), mil);
    assertFalse(mil.contains("logit"), mil);
    String concat = call("concat").out();
    assertFalse(concat.contains("Attention"), concat);
    String classes = call("classes").out();
    assertTrue(classes.contains("logit of high, attributed: enhancing "), classes);
  }

  @Test
  void wrongOptionsAreSaid() throws IOException {
    assertEquals(2, call("concat", "--attribution=magic").code());
    assertEquals(2, call("concat", "--baseline=magic").code());
    assertEquals(2, call("concat", "--steps=0").code());
    assertEquals(2, fixture.call("explain", "@concat", "@concat").code());
    assertEquals(2, fixture.call("explain", "@concat", "@mil/../concat").code());
    assertEquals(2, fixture.call("explain", "@concat", "@mil", "--output=@x").code());
    Files.writeString(folder.resolve("file"), "");
    assertEquals(2, call("concat", "--output=@file").code());
    assertEquals(2, call("concat", "--output=@mil").code());
    Said said = fixture.call("explain", "@nowhere");
    assertEquals(1, said.code());
    assertFalse(said.err().contains("Exception"), said.err());
  }

  @Test
  void rowsOfTheTrainingAreNeverTakenForThoseOfATest() throws IOException {
    Path run = Files.createDirectory(folder.resolve("without-rows"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(folder.resolve("rna-run").resolve(name), run.resolve(name));
    }
    Said said = call("without-rows", "--attribution=none");
    assertEquals(1, said.code());
    assertTrue(
        said.err()
            .endsWith(
                "predictions.csv: is not there, which says what the model learned from; restore the"
                    + " file or train again.\n"),
        said.err());
  }
}
