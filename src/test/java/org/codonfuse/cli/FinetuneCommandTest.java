package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.Precision;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraFactors;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.RunConfig;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.weights.Sha256;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FinetuneCommandTest {
  @TempDir private Path folder;

  private RunCommandsFixture fixture;

  @BeforeAll
  static void needsLibTorch() {
    TestBackends.openTrainable().close();
  }

  @BeforeEach
  void create() throws IOException {
    fixture = RunCommandsFixture.create(folder);
  }

  private static final String[] THREE = {
    "--fusion=mil", "--dna=@dna", "--protein=@protein", "--model-dim=8", "--gate-dim=4"
  };

  private Said finetune(String[] options, String... more) {
    return fixture.finetune(with(options, more));
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void adaptersAloneLearnAndEveryBackendPredictsWithThem() throws IOException {
    Map<String, String> before = encoders();

    Said said =
        finetune(
            THREE,
            "--modalities=rna,protein",
            "--lora-rank=4",
            "--encoder-learning-rate=1e-2",
            "--backend=torch");

    assertEquals(0, said.code(), said.err());
    // Two modules of one layer, each with 4 · 16 and 16 · 4 values.
    assertTrue(said.err().contains("256 of rna, 256 of protein; "), said.err());
    assertTrue(said.err().contains("Memory: about "), said.err());
    assertEquals(before, encoders());
    Path adapters = folder.resolve("out/run").resolve(RunDirectory.ADAPTERS);
    assertFalse(Files.exists(adapters.resolve("dna")));
    for (String stream : List.of("rna", "protein")) {
      LoraAdapter adapter = LoraAdapter.read(adapters.resolve(stream));
      assertEquals(256, adapter.parameters());
      assertTrue(adapter.modules().values().stream().noneMatch(LoraFactors::isZero));
    }
    Map<String, Double> trained = predictions(folder.resolve("out/run/predictions.csv"));
    for (String backend : List.of("torch", "vector", "scalar")) {
      Said predicted =
          fixture.call(
              "predict",
              "@out/run",
              "--input=@data.csv",
              "--cache=@cache",
              "--backend=" + backend,
              "--output=@" + backend + ".csv");
      assertEquals(0, predicted.code(), predicted.err());
      Map<String, Double> now = predictions(folder.resolve(backend + ".csv"));
      assertEquals(trained.keySet(), now.keySet());
      now.forEach((id, value) -> assertEquals(trained.get(id), value, 1e-5, backend + " " + id));
    }
  }

  /** What a run was measured in is what it predicts in, whatever its frozen encoders compute in. */
  @Test
  void encodersThatLearnPredictInFloat32() throws IOException {
    Said said = finetune(THREE, "--modalities=protein", "--precision=bfloat16", "--backend=torch");

    assertEquals(0, said.code(), said.err());
    Map<String, Precision> computed = new HashMap<>();
    RunConfig.read(folder.resolve("out/run").resolve(RunDirectory.CONFIG))
        .streams()
        .forEach(stream -> computed.put(stream.name(), stream.embedding().computed()));
    assertEquals(
        Map.of("dna", Precision.BFLOAT16, "rna", Precision.BFLOAT16, "protein", Precision.FLOAT32),
        computed);
  }

  private Map<String, String> encoders() throws IOException {
    Map<String, String> hashes = new HashMap<>();
    for (Molecule molecule : Molecule.values()) {
      try (Stream<Path> files = Files.list(fixture.encoder(molecule))) {
        files.forEach(file -> hashes.put(file.toString(), Sha256.of(file)));
      }
    }
    return hashes;
  }

  private static Map<String, Double> predictions(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    int column = List.of(lines.getFirst().split(",")).indexOf("prediction");
    Map<String, Double> predictions = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      predictions.put(cells[0], Double.parseDouble(cells[column]));
    }
    return predictions;
  }

  @Test
  void encodersThatLearnWhollyAreInTheRun() throws IOException {
    Map<String, String> before = encoders();

    Said said = finetune(THREE, "--full", "--encoder-learning-rate=1e-3", "--modalities=protein");

    assertEquals(0, said.code(), said.err());
    assertEquals(before, encoders());
    Path encoder = folder.resolve("out/run/encoders/protein");
    Said verified = fixture.call("models", "verify", encoder.toString());
    assertEquals(0, verified.code(), verified.err());
    assertFalse(
        Sha256.of(encoder.resolve("model.safetensors"))
            .equals(Sha256.of(fixture.encoder(Molecule.PROTEIN).resolve("model.safetensors"))));
    Said predicted =
        fixture.call(
            "predict", "@out/run", "--input=@data.csv", "--cache=@cache", "--output=@p.csv");
    assertEquals(0, predicted.code(), predicted.err());
    Map<String, Double> trained = predictions(folder.resolve("out/run/predictions.csv"));
    predictions(folder.resolve("p.csv"))
        .forEach((id, value) -> assertEquals(trained.get(id), value, 1e-5, id));
    Said moved =
        fixture.call(
            "predict", "@out/run", "--input=@data.csv", "--protein=@protein", "--output=@q.csv");
    assertEquals(2, moved.code());
    assertTrue(moved.err().contains("has its own protein encoder"), moved.err());
  }

  /** Less memory, the same result. */
  @Test
  void checkpointsAndPartsOfBatchesChangeNothingButRounding() throws IOException {
    String[] options =
        with(
            THREE,
            "--encoder-learning-rate=1e-2",
            "--backend=torch",
            "--dropout=0",
            "--targets=all-linear",
            "--lora-dropout=0");
    List<Double> whole = metrics(finetune(options, "--output=@out/whole"), "whole");
    List<Double> again =
        metrics(finetune(options, "--output=@out/again", "--gradient-checkpointing"), "again");
    List<Double> parts =
        metrics(finetune(options, "--output=@out/parts", "--micro-batch=5"), "parts");
    for (int i = 0; i < whole.size(); i++) {
      assertEquals(whole.get(i), again.get(i), 1e-4);
      assertEquals(whole.get(i), parts.get(i), 1e-4);
    }
  }

  private List<Double> metrics(Said said, String run) throws IOException {
    assertEquals(0, said.code(), said.err());
    JsonNode test =
        JsonMapper.builder()
            .build()
            .readTree(folder.resolve("out").resolve(run).resolve("metrics.json").toFile())
            .path("test");
    List<Double> values = new ArrayList<>();
    for (String name : List.of("mse", "pearson")) {
      JsonNode metric = test.path(name);
      values.add(metric.isNumber() ? metric.doubleValue() : metric.path("value").doubleValue());
    }
    return values;
  }

  /** As long as the model learns alone it is trained as without encoders that learn. */
  @Test
  void inTheFirstStageEncodersStayAsTheyAre() throws IOException {
    Said frozen = fixture.train(with(THREE, "--output=@out/frozen", "--backend=torch"));
    assertEquals(0, frozen.code(), frozen.err());

    Said said = finetune(THREE, "--head-epochs=2", "--backend=torch");

    assertEquals(0, said.code(), said.err());
    assertEquals(
        withoutSeconds(folder.resolve("out/frozen/history.csv")),
        withoutSeconds(folder.resolve("out/run/history.csv")));
    assertTrue(
        LoraAdapter.read(folder.resolve("out/run/adapters/rna")).modules().values().stream()
            .allMatch(LoraFactors::isZero));
  }

  private static List<String> withoutSeconds(Path history) throws IOException {
    return Files.readAllLines(history).stream()
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .toList();
  }

  @Test
  void theSecondStageGoesOnWhereTheFirstEnded() throws IOException {
    Said said =
        finetune(
            THREE,
            "--epochs=4",
            "--head-epochs=2",
            "--patience=1",
            "--encoder-learning-rate=1e-2",
            "--backend=torch");

    assertEquals(0, said.code(), said.err());
    assertTrue(Files.readAllLines(folder.resolve("out/run/history.csv")).size() > 3);
    assertTrue(
        LoraAdapter.read(folder.resolve("out/run/adapters/rna")).modules().values().stream()
            .noneMatch(LoraFactors::isZero));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2 | --lora-rank=0                          | rank is 0
          2 | --lora-rank=17                         | rank 17 is above the width 16
          2 | --targets=querry                       | 'querry' matches no linear layer of the encoder, did you mean 'query'
          2 | --modalities=dna                       | the fusion reads no encoder of that name
          2 | --freeze-layers=1                      | 1 frozen layers leave none
          2 | --full --targets=query                 | All weights are trained, without low-rank updates; leave out --full
          2 | --long=chunk                           | overlapping windows
          2 | --lora-dropout=1                       | dropout is 1
          2 | --encoder-learning-rate=0              | --encoder-learning-rate 0.0 is out of range
          2 | --rna=one-hot                          | no encoder to fine-tune
          """)
  void whatCannotBeMeantIsSaid(int code, String options, String message) throws IOException {
    Said said = fixture.finetune(options.strip().split(" +"));

    assertEquals(code, said.code(), said.err());
    assertTrue(said.err().contains(message), said.err());
    assertEquals(1, said.err().lines().filter(line -> line.startsWith("codonfuse:")).count());
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void anAdapterOfAnotherScaleIsNotTakenForTheRuns() throws IOException {
    assertEquals(0, fixture.finetune("--lora-rank=2").code());
    Path file = folder.resolve("out/run/adapters/rna").resolve(LoraAdapter.CONFIG);
    String json = Files.readString(file);
    Files.writeString(file, json.replaceFirst("(\"lora_alpha\"\\s*:\\s*)[0-9.]+", "$164"));

    Said said = fixture.call("predict", "@out/run", "--input=@data.csv", "--output=@p.csv");

    assertEquals(1, said.code(), said.err());
    assertTrue(said.err().contains("it has rank 2, alpha 64.0, where the run has"), said.err());
  }

  @Test
  void anAdapterIsNotTakenForAnotherEncoder() {
    assertEquals(0, fixture.finetune("--lora-rank=2").code());

    Said other =
        fixture.call(
            "predict", "@out/run", "--input=@data.csv", "--rna=@protein", "--output=@p.csv");
    assertEquals(1, other.code());
    assertTrue(other.err().contains("is not the model that"), other.err());
  }
}
