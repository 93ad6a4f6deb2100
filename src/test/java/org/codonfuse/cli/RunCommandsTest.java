package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.training.run.TestRuns;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresTorch
class RunCommandsTest {
  @TempDir private static Path folder;

  private static RunCommandsFixture fixture;
  private static Said trained;

  @BeforeAll
  static void trainOnce() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    trained = fixture.train("--output=@run", "--dna=@dna", "--protein=@protein", "--fusion=concat");
    assertEquals(0, trained.code(), trained.err());
    Files.writeString(
        folder.resolve("classes.csv"),
        TestRuns.rows().stream()
            .map(row -> String.join(",", row.sequence(), row.level(), row.split()))
            .collect(Collectors.joining("\n", "CDS,label,split\n", "\n")));
    Said classes = fixture.train("--output=@classes", "--data=@classes.csv");
    assertEquals(0, classes.code(), classes.err());
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(text);
  }

  private static JsonNode metrics(String run) throws IOException {
    return json(Files.readString(folder.resolve(run).resolve("metrics.json")));
  }

  private static List<CSVRecord> records(Path file) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      return parser.getRecords();
    }
  }

  private static Said succeed(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--cache=@cache");
    Said said = fixture.call(all.toArray(String[]::new));
    assertEquals(0, said.code(), said.err());
    return said;
  }

  @ParameterizedTest
  @CsvSource({
    "mil --entropy-weight=0.01 --model-dim=8 --gate-dim=4, align.dna.weight",
    "mil --model-dim=8 --shared-gate --token-level --upsample=list1, fusion.gate.shared.v.weight",
    "cross-attention --model-dim=8 --attention-heads=2, fusion.attention.rna.key.weight",
    "concat-unaligned --model-dim=8, fusion.project.dna.weight",
    "concat --upsample=list1, fusion.project.dna.1.weight"
  })
  void trainsEveryFusionAndPredictsWithItWithoutGradients(String fusion, String parameter)
      throws IOException {
    String run = "fusion-" + Integer.toHexString(fusion.hashCode());
    List<String> options =
        new ArrayList<>(
            List.of(
                "--output=@" + run,
                "--dna=@dna",
                "--protein=@protein",
                "--head=textcnn",
                "--channels=4"));
    options.addAll(List.of(("--fusion=" + fusion).split(" ")));
    Said said = fixture.train(options.toArray(String[]::new));
    assertEquals(0, said.code(), said.err());
    try (SafetensorsFile model =
        SafetensorsFile.open(folder.resolve(run).resolve("model.safetensors"))) {
      assertTrue(model.names().contains(parameter), model.names().toString());
    }

    succeed("predict", "@" + run, "--input=@data.csv", "--output=@p.csv", "--backend=scalar");

    List<CSVRecord> trained = records(folder.resolve(run).resolve("predictions.csv"));
    List<CSVRecord> predicted = records(folder.resolve("p.csv"));
    for (int i = 0; i < trained.size(); i++) {
      assertEquals(
          Double.parseDouble(trained.get(i).get("prediction")),
          Double.parseDouble(predicted.get(i).get("prediction")),
          1e-4);
    }
  }

  @Test
  void severalEncodersOfAModalityAreToldApartByTheirNames() throws IOException {
    TestRuns.encoders(folder.resolve("second"), 2);
    Said said =
        fixture.train("--output=@two", "--fusion=concat", "--rna=@rna", "--rna=other=@second/rna");
    assertEquals(0, said.code(), said.err());
    JsonNode streams = json(Files.readString(folder.resolve("two/config.json"))).get("streams");
    assertEquals(2, streams.size());
    assertEquals("rna", streams.get(0).get("name").asText());
    assertEquals("other", streams.get(1).get("name").asText());

    succeed("predict", "@two", "--input=@data.csv", "--output=@p.csv", "--rna=other=@second/rna");
    Said wrong =
        fixture.call("predict", "@two", "--input=@data.csv", "--output=@p.csv", "--rna=third=@rna");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("has no encoder 'third'; name one of rna, other"), wrong.err());
  }

  @Test
  void trainingPrintsTheMetricsAndNotesWhatItFound() {
    assertTrue(trained.out().startsWith(folder + "/run: concat, "), trained.out());
    assertTrue(trained.out().contains("parameters, best epoch "), trained.out());
    assertTrue(trained.out().contains("validation (n 12)"), trained.out());
    assertTrue(trained.out().contains("test (n 12)"), trained.out());
    assertTrue(trained.err().startsWith("Backend torch: "), trained.err());
    assertTrue(trained.err().contains("60"), trained.err());
  }

  @Test
  void trainingPrintsOneJsonObject() throws IOException {
    Said said = fixture.train("--output=@json", "--json", "--quiet");

    JsonNode printed = json(said.out());
    assertEquals("", said.err());
    assertEquals(folder + "/json", printed.get("run").asText());
    assertEquals(2, printed.get("epochs").asInt());
    assertTrue(printed.get("parameters").asInt() > 0);
    assertEquals(metrics("json").get("test"), printed.get("test"));
    assertEquals(metrics("json").get("validation"), printed.get("validation"));
  }

  @Test
  void theSameSeedGivesTheSameMetrics() throws IOException {
    for (String options : List.of("one --seed=3", "two --seed=3", "three --seed=4")) {
      String[] parts = options.split(" ");
      fixture.train("--output=@seed-" + parts[0], parts[1]);
    }

    assertEquals(metrics("seed-one"), metrics("seed-two"));
    assertTrue(!metrics("seed-one").equals(metrics("seed-three")));
  }

  @Test
  void overwriteReplacesARun() throws IOException {
    fixture.train("--output=@replaced", "--epochs=1");
    Said said = fixture.train("--output=@replaced", "--epochs=3", "--overwrite");

    assertEquals(0, said.code(), said.err());
    assertEquals(4, Files.readAllLines(folder.resolve("replaced/history.csv")).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"random:0.5,0.3", "kfold:1/5", "column", "auto"})
  void trainingDividesTheRowsAsTold(String split) throws IOException {
    String name = "split-" + split.replaceAll("\\W", "");
    Said said = fixture.train("--output=@" + name, "--split=" + split, "--json");

    assertEquals(0, said.code(), said.err());
    assertEquals(split.startsWith("random") ? 18 : 12, metrics(name).at("/validation/n").asInt());
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "scalar"})
  void evaluationOfTheSplitsGivesTheMetricsOfTheTraining(String backend) throws IOException {
    for (String run : List.of("run", "classes")) {
      String data = run.equals("run") ? "@data.csv" : "@classes.csv";
      JsonNode printed =
          json(
              succeed("evaluate", "@" + run, "--data=" + data, "--json", "--backend=" + backend)
                  .out());

      assertEquals(36, printed.at("/train/n").asInt());
      metrics(run)
          .properties()
          .forEach(
              split ->
                  split
                      .getValue()
                      .properties()
                      .forEach(
                          metric ->
                              assertClose(
                                  metric.getValue(),
                                  printed.get(split.getKey()).get(metric.getKey()),
                                  metric.getKey())));
    }
  }

  private static void assertClose(JsonNode expected, JsonNode found, String name) {
    if (expected.isArray()) {
      assertClose(expected.get(0), found.get(0), name);
      assertClose(expected.get(1), found.get(1), name);
    } else {
      assertEquals(expected.isNull(), found.isNull(), name);
      assertEquals(expected.asDouble(), found.asDouble(), 1e-4, name);
    }
  }

  @Test
  void evaluationWithoutSplitsMeasuresEveryRow() throws IOException {
    Files.writeString(folder.resolve("nosplit.csv"), TestRuns.csv().replaceAll("(?m),[^,]*$", ""));

    JsonNode printed = json(succeed("evaluate", "@run", "--data=@nosplit.csv", "--json").out());

    assertEquals(60, printed.at("/test/n").asInt());
    assertTrue(printed.path("train").isMissingNode());
    String table = succeed("evaluate", "@run", "--data=@nosplit.csv").out();
    assertTrue(table.contains("(n 60)") && table.contains("spearman"), table);
  }

  @Test
  void evaluationSaysWhenItMeasuresWhatTheModelLearnedFrom() throws IOException {
    Files.writeString(folder.resolve("random.csv"), TestRuns.csv().replaceAll("(?m),[^,]*$", ""));
    assertEquals(0, fixture.train("--output=@random", "--data=@random.csv").code());
    Files.writeString(
        folder.resolve("other.csv"), Files.readString(folder.resolve("random.csv")) + "\n");

    String note = folder + "/random.csv: is the file that " + folder + "/random was trained on";
    assertTrue(succeed("evaluate", "@random", "--data=@random.csv").err().contains(note));
    for (String data : List.of("other.csv", "data.csv")) {
      String said = succeed("evaluate", "@random", "--data=@" + data).err();
      assertTrue(!said.contains("was trained on"), said);
    }
    assertTrue(!succeed("evaluate", "@run", "--data=@data.csv").err().contains("was trained on"));
  }

  @Test
  void predictionsAreThoseOfTheTraining() throws IOException {
    Said said = succeed("predict", "@run", "--input=@data.csv", "--output=@p.csv");

    assertEquals(folder + "/p.csv: 60 predictions", said.out().strip());
    List<String> expected = Files.readAllLines(folder.resolve("run/predictions.csv"));
    List<String> found = Files.readAllLines(folder.resolve("p.csv"));
    assertEquals("id,prediction", found.getFirst());
    assertEquals(expected.size(), found.size());
    for (int i = 1; i < found.size(); i++) {
      String[] row = expected.get(i).split(",");
      assertEquals(row[0], found.get(i).split(",")[0]);
      assertEquals(
          Double.parseDouble(row[3]), Double.parseDouble(found.get(i).split(",")[1]), 1e-5);
    }
  }

  @Test
  void classesArePredictedWithTheirProbabilities() throws IOException {
    Said said = succeed("predict", "@classes", "--input=@classes.csv", "--output=@c.csv", "--json");

    assertEquals(60, json(said.out()).get("n").asInt());
    List<String> rows = Files.readAllLines(folder.resolve("c.csv"));
    assertEquals("id,prediction,probability_high,probability_low,probability_mid", rows.getFirst());
    assertTrue(rows.get(1).matches("1,(high|low|mid)(,[0-9.E-]+){3}"), rows.get(1));
  }

  @Test
  void predictionNeedsNoTargetsAndReplacesAnEarlierFile() throws IOException {
    Files.writeString(folder.resolve("new.fa"), ">a\nAUGGCUUAA\n>b text\natggcc\ntaa\n");
    Files.writeString(folder.resolve("new.csv"), "earlier");

    succeed("predict", "@run", "--input=@new.fa", "--output=@new.csv");

    assertEquals(
        List.of("id", "a", "b"),
        Files.readAllLines(folder.resolve("new.csv")).stream()
            .map(line -> line.split(",")[0])
            .toList());
  }

  @Test
  void everyRunCommandKeepsNotesOffStandardOutput() {
    Stream.of(
            List.of("evaluate", "@run", "--data=@data.csv", "--quiet"),
            List.of("predict", "@run", "--input=@data.csv", "--output=@q.csv", "--quiet"))
        .map(args -> succeed(args.toArray(String[]::new)))
        .forEach(
            said -> {
              assertEquals("", said.err());
              assertTrue(!said.out().contains("Backend"), said.out());
            });
  }
}
