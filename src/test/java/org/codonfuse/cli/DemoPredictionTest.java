package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.Backend;
import org.codonfuse.io.Progress;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a run whose parameters are random, and therefore without LibTorch too. */
class DemoPredictionTest {
  @TempDir private Path folder;

  private RunCommandsFixture fixture;
  private DemoPrediction prediction;

  @BeforeEach
  void leaveARun() throws IOException {
    fixture = new RunCommandsFixture(folder);
    prediction = demo(folder.resolve("demo"));
  }

  /** What a demonstration leaves, in little. */
  static DemoPrediction demo(Path output) throws IOException {
    DemoPrediction prediction = new DemoPrediction(output, 20);
    Files.createDirectories(prediction.run());
    SyntheticData.write(DemoPrediction.data(output), 20, 1);
    TestRuns.untrained(
        DemoPrediction.data(output),
        TestRuns.encoders(output.resolve("encoders"), 1),
        prediction.run());
    return prediction;
  }

  @OnEveryBackend
  void itPredictsWhatPredictDoes(String name) throws IOException {
    DemoPrediction.Result result;
    try (Backend backend = TestBackends.open(name)) {
      result = prediction.predict(backend, Progress.NONE);
      assertEquals(name + " (" + backend.description() + ")", result.backend());
    }

    Said said =
        fixture.call(
            "predict",
            "@demo/runs/concat",
            "--input=@demo/new.csv",
            "--output=@predicted.csv",
            "--backend=" + name,
            "--device=cpu",
            "--threads=2",
            "--cache=@cache");
    assertEquals(0, said.code(), said.err());
    List<String> predicted = Files.readAllLines(result.predictions());
    assertEquals(21, predicted.size());
    assertEquals(Files.readAllLines(folder.resolve("predicted.csv")), predicted);
    assertEquals(20, result.report().n());
    assertTrue(result.sequencesPerSecond() > 0);
  }

  @Test
  void withoutGradientsItPredictsOnly() throws IOException {
    Said said = fixture.call("demo", "--output=@demo", "--backend=scalar");

    assertEquals(0, said.code(), said.err());
    List<String> lines = said.out().lines().toList();
    assertEquals(2, lines.size(), said.out());
    assertTrue(
        lines
            .getFirst()
            .matches(
                "200 new sequences, predicted by the backend scalar \\(plain Java.*\\):"
                    + " \\d+ sequences/s, Spearman -?0\\.\\d+ \\[.*]"),
        said.out());
    assertTrue(lines.getLast().contains(folder + "/demo/predictions.csv"), said.out());
    List<String> notes =
        said.err().lines().filter(line -> line.startsWith("Training is left out (")).toList();
    assertEquals(1, notes.size(), said.err());
    assertTrue(
        notes.getFirst().contains("it cannot compute gradients, use --backend torch"), said.err());
    assertFalse(Files.exists(folder.resolve("demo/runs/rna")));
  }

  @Test
  void itPrintsOneJsonObject() throws IOException {
    Said said = fixture.call("demo", "--output=@demo", "--backend=scalar", "--json", "--quiet");

    assertEquals("", said.err());
    JsonNode printed =
        new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readTree(said.out());
    assertTrue(printed.get("synthetic").asBoolean());
    assertTrue(printed.get("not_trained").asText().contains("it cannot compute gradients"));
    assertTrue(printed.path("concat").isMissingNode());
    JsonNode part = printed.get("prediction");
    assertEquals(folder + "/demo/runs/concat", part.get("run").asText());
    assertEquals(folder + "/demo/new.csv", part.get("input").asText());
    assertEquals(folder + "/demo/predictions.csv", part.get("output").asText());
    assertTrue(part.get("backend").asText().startsWith("scalar (plain Java"), said.out());
    assertTrue(part.get("seconds").asDouble() > 0);
    assertTrue(part.get("sequences_per_second").asDouble() > 0);
    assertEquals(200, part.at("/test/n").asInt());
    assertTrue(part.at("/test/spearman").isNumber());
  }

  @Test
  void itsDirectoryMayBeMoved() throws IOException {
    Files.move(folder.resolve("demo"), folder.resolve("moved"));

    try (Backend backend = TestBackends.open("scalar")) {
      Path output = folder.resolve("moved");
      DemoPrediction.Result result = new DemoPrediction(output, 5).predict(backend, Progress.NONE);
      assertEquals(output.resolve("predictions.csv"), result.predictions());
    }
  }

  @Test
  void withoutARunItSaysWhatIsMissing() {
    Said said = fixture.call("demo", "--output=@new", "--backend=scalar", "--quiet");

    assertEquals(1, said.code());
    assertTrue(
        said.err()
            .startsWith(
                "codonfuse: "
                    + folder
                    + "/new/runs/concat: no demonstration left a trained model there, and none can"
                    + " be trained (scalar"),
        said.err());
    assertTrue(said.err().contains("run 'codonfuse demo' where LibTorch is"), said.err());
    assertEquals(1, said.err().lines().count(), said.err());
    assertFalse(Files.exists(folder.resolve("new")));
  }

  @Test
  void aRunOnOtherDataIsLeftAlone() throws IOException {
    Path config = prediction.run().resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("synthetic.csv", "mrna.csv"));

    try (Backend backend = TestBackends.open("scalar")) {
      CodonfuseException e =
          assertThrows(CodonfuseException.class, () -> prediction.predict(backend, Progress.NONE));
      assertTrue(e.getMessage().contains("mrna.csv and not of the demonstration"), e.getMessage());
    }
    assertFalse(Files.exists(folder.resolve("demo/new.csv")));
  }
}
