package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentCommandTest {
  private static final String YAML =
      """
      data: {name: Set, file: data.csv}
      encoders: {rna: rna, protein: protein}
      baselines: [length-gc]
      fusions: [rna, concat, {fusion: mil, lambda: [0, 1], model_dim: 8, gate_dim: 4}]
      heads: {head: mlp, dim: 8}
      training: {epochs: 2, learning_rate: 1e-2}
      seeds: [1, 2]
      keep_models: false
      """;

  private static final int TRAININGS = 1 + 2 + 2 + 4;

  @TempDir Path folder;
  private RunCommandsFixture fixture;

  @BeforeEach
  void files() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    Files.writeString(folder.resolve("plan.yaml"), YAML);
  }

  private Said experiment(String output, String... options) {
    List<String> args =
        List.of("experiment", "@plan.yaml", "--output", "@" + output, "--cache", "@cache");
    return fixture.call(Stream.concat(args.stream(), Stream.of(options)).toArray(String[]::new));
  }

  private static void requireTorch() {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
  }

  @Test
  void everyModelIsTrainedOnceAndCompared() throws IOException {
    requireTorch();

    Said said = experiment("out", "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode result = new JsonMapper().readTree(said.out());
    assertEquals(
        List.of("length-gc", "rna", "concat", "mil"),
        result.path("models").findValuesAsText("model"));
    assertEquals(List.of("1", "2", "2", "2"), result.path("models").findValuesAsText("runs"));
    assertEquals(List.of("concat", "mil"), result.path("comparisons").findValuesAsText("fusion"));
    assertEquals(0, result.path("missing").intValue());
    assertEquals(TRAININGS + 1, Files.readAllLines(folder.resolve("out/results.csv")).size());
    Path run = folder.resolve("out/runs/set/mil/seed-2/lambda-1");
    assertTrue(Files.exists(run.resolve("predictions.csv")));
    assertTrue(Files.notExists(run.resolve("model.safetensors")));
    assertTrue(said.err().contains("[9/9] set/mil/seed-2/lambda-1: spearman "), said.err());
    Path report = folder.resolve("out/report.html");
    assertTrue(said.err().endsWith("Report: " + report + "\n"), said.err());
    String page = Files.readString(report);
    List.of("id=\"experiment\"", "length-gc", "concat", "mil")
        .forEach(part -> assertTrue(page.contains(part), part));

    Said again = experiment("out", "--json");

    assertEquals(said.out(), again.out());
    assertTrue(!again.err().contains("trainings"), again.err());
  }

  /** On the same number of threads shares and workers give what one process gives. */
  @Test
  void sharesAndWorkersGiveTheSameTable() throws IOException {
    requireTorch();
    assertEquals(0, experiment("whole", "--threads", "1").code());

    Said share = experiment("shared", "--threads", "1", "--shard", "1/2");
    assertEquals(0, share.code(), share.err());
    assertTrue(
        share.err().contains("4 of 9 trainings are not done; when all shards are, --table makes"),
        share.err());
    assertTrue(Files.notExists(folder.resolve("shared/table.md")));
    Said jobs = experiment("shared", "--threads", "2", "--jobs=2");
    assertEquals(0, jobs.code(), jobs.err());
    assertTrue(jobs.err().contains("[4/4] "), jobs.err());
    Said table = experiment("shared", "--table");

    assertEquals(0, table.code(), table.err());
    assertEquals(scores("whole"), scores("shared"));
  }

  /** results.csv without times. */
  private List<String> scores(String output) throws IOException {
    return Files.readAllLines(folder.resolve(output).resolve("results.csv")).stream()
        .map(line -> line.replaceFirst("^((?:[^,]*,){10})[^,]*,", "$1"))
        .toList();
  }

  @Test
  void aChangedFileIsRefused() throws IOException {
    requireTorch();
    String baselines = YAML.replaceFirst("(?s)fusions:.*?\n", "");
    Files.writeString(folder.resolve("plan.yaml"), baselines.replaceFirst("encoders:.*\n", ""));
    assertEquals(0, experiment("out").code());
    Files.writeString(folder.resolve("plan.yaml"), YAML);

    Said said = experiment("out");

    assertEquals(2, said.code());
    assertTrue(
        said.err()
            .contains(
                folder
                    + "/out: was begun with another experiment: rows.concat absent then,"
                    + " present now; rows.mil absent then, present now; rows.rna absent then,"
                    + " present now; choose another --output, or --overwrite to remove"
                    + " its results; see"),
        said.err());
  }

  @Test
  void aModelThatIsNowhereIsNamedWithItsLine() throws IOException {
    Files.writeString(folder.resolve("plan.yaml"), YAML.replace("rna: rna,", "rna: ./rnas,"));

    Said said = experiment("out");

    assertEquals(1, said.code());
    assertEquals(
        "codonfuse: "
            + folder
            + "/plan.yaml:2: ./rnas: there is no such directory; give a model's, a preset or an id"
            + " on the hub.\n",
        said.err());
    assertTrue(Files.notExists(folder.resolve("out")));
  }

  @Test
  void seedsAreThoseOfTheFile() {
    Said said = experiment("out", "--seed", "3");

    assertEquals(2, said.code());
    assertTrue(
        said.err()
            .startsWith(
                "codonfuse: The seeds of an experiment are listed in its file; leave out --seed;"),
        said.err());
  }
}
