package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.TrainingSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunConfigTest {
  private static final RunConfig CONFIG =
      new RunConfig(
          RunConfig.FORMAT,
          "1.2.3",
          "a backend",
          Task.REGRESSION,
          List.of(),
          new RunConfig.Data("data.csv", "abc", 11, 1020, Map.of("train", 5)),
          List.of(
              new RunConfig.Stream(
                  "dna",
                  Molecule.DNA,
                  16,
                  "/models/dna",
                  "def",
                  new RunConfig.Embedding(
                      "2",
                      Precision.BFLOAT16,
                      Precision.FLOAT16,
                      LongPolicy.CHUNK,
                      "/stores/dna"))),
          new FusionConfig.Concat(12, Upsampling.EXACT),
          HeadConfig.of("textcnn", 8, 4, 0.2, 1),
          List.of(new TargetConfig("half_life", new TargetScale(1.5, 0.25))),
          List.of(),
          new TrainingSettings(60, 32, 3e-5, 1e-5, 20, 5, 0.1, 42),
          FineTuning.NONE,
          RunConfig.Size.UNKNOWN,
          7);

  @TempDir private Path folder;

  private CodonfuseException failure(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), content);
    CodonfuseException failure = assertThrows(CodonfuseException.class, () -> RunConfig.read(file));
    String message = failure.getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    assertFalse(message.contains("\n"), message);
    return failure;
  }

  private static ObjectNode json() throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(CONFIG.toJson());
  }

  @ParameterizedTest
  @CsvSource({
    "concat,textcnn",
    "mil,textcnn",
    "cross-attention,mlp",
    "concat-unaligned,mlp",
    "dna,mlp",
    "rna,mlp",
    "protein,textcnn"
  })
  void readsWhatItWrote(String fusion, String head) throws IOException {
    RunConfig config =
        new RunConfig(
            CONFIG.format(),
            CONFIG.codonfuse(),
            CONFIG.backend(),
            Task.CLASSIFICATION,
            List.of("low", "high"),
            CONFIG.data(),
            CONFIG.streams(),
            FusionOptions.of(fusion).resolve(List.of()),
            HeadConfig.of(head, 8, 4, 0.2, 2),
            List.of(new TargetConfig("level", TargetScale.IDENTITY)),
            List.of(1.5, 0.75),
            CONFIG.training(),
            new FineTuning(
                FineTuning.Method.LORA,
                List.of("dna"),
                8,
                16,
                0.1,
                true,
                List.of("query", "value"),
                1,
                true,
                1e-4,
                3),
            new RunConfig.Size(12345678901L, Map.of("dna", 256L), 4096),
            CONFIG.bestEpoch());
    Path file = Files.writeString(folder.resolve("config.json"), config.toJson());

    assertEquals(config, RunConfig.read(file));
  }

  @Test
  void runsOfTheFirstFormatUsedTheLastLayerInFloat32() throws IOException {
    ObjectNode json = json();
    json.put("format", 1);
    ((ObjectNode) json.at("/streams/0")).remove("embedding");
    asBeforeTargets(json);
    Path file = Files.writeString(folder.resolve("config.json"), json.toString());

    RunConfig read = RunConfig.read(file);

    assertEquals(RunConfig.Embedding.of(Precision.FLOAT32), read.streams().getFirst().embedding());
    assertEquals(CONFIG.data(), read.data());
    assertEquals(RunConfig.FORMAT, read.format());
  }

  @Test
  void fusionsOfTheSecondFormatHadAWidthOfDna() throws IOException {
    ObjectNode json = json();
    json.put("format", 2);
    ((ObjectNode) json.at("/fusion")).remove("upsampling");
    asBeforeTargets(json);
    Path file = Files.writeString(folder.resolve("config.json"), json.toString());
    assertEquals(CONFIG.fusion(), RunConfig.read(file).fusion());

    json.putObject("fusion").put("name", "rna").put("dna_dim", 0);
    Files.writeString(file, json.toString());
    assertEquals(new FusionConfig.Unimodal(Molecule.RNA), RunConfig.read(file).fusion());
  }

  @Test
  void trainingsOfTheSecondFormatHadOneSchedule() throws IOException {
    ObjectNode json = json();
    json.put("format", 2);
    asBeforeTargets(json);
    json.putObject("training")
        .put("epochs", 60)
        .put("batch_size", 32)
        .put("learning_rate", 3e-5)
        .put("weight_decay", 1e-5)
        .put("patience", 20)
        .put("plateau_patience", 5)
        .put("plateau_factor", 0.1)
        .put("seed", 42);

    Path file = Files.writeString(folder.resolve("config.json"), json.toString());

    assertEquals(CONFIG.training(), RunConfig.read(file).training());
  }

  @Test
  void trainingsOfTheThirdFormatComputedBatchesWhole() throws IOException {
    ObjectNode json = json();
    json.put("format", 3);
    ((ObjectNode) json.get("training")).remove("micro_batch");
    json.remove(List.of("fine_tuning", "size"));
    Path file = Files.writeString(folder.resolve("config.json"), json.toString());

    assertEquals(CONFIG, RunConfig.read(file));
  }

  @Test
  void runsOfTheFourthFormatDidNotSayTheirSize() throws IOException {
    ObjectNode json = json();
    json.put("format", 4);
    json.remove("size");
    ((ObjectNode) json.get("fine_tuning")).remove("checkpointed");
    Path file = Files.writeString(folder.resolve("config.json"), json.toString());

    assertEquals(CONFIG, RunConfig.read(file));
  }

  @Test
  void runsOfTheSecondFormatHadOneTargetWithoutAName() throws IOException {
    ObjectNode json = json();
    json.put("format", 2);
    asBeforeTargets(json);
    Path file = Files.writeString(folder.resolve("config.json"), json.toString());

    RunConfig read = RunConfig.read(file);

    assertEquals(
        List.of(new TargetConfig("target", CONFIG.targets().getFirst().scale())), read.targets());
    assertEquals(CONFIG.streams(), read.streams());
    assertEquals(RunConfig.FORMAT, read.format());
  }

  private static void asBeforeTargets(ObjectNode json) {
    json.set("target_scale", json.at("/targets/0/scale"));
    json.remove(List.of("targets", "class_weights"));
  }

  @Test
  void aHeadMustHaveAnOutputForEveryTarget() throws IOException {
    ObjectNode json = json();
    ((ObjectNode) json.get("head")).put("outputs", 2);

    assertTrue(failure(json.toString()).getMessage().contains("another number of outputs"));
  }

  @Test
  void namesAreInSnakeCase() throws IOException {
    assertEquals(42, json().at("/training/seed").asInt());
    assertEquals(3e-5, json().at("/training/learning_rate").asDouble());
    assertEquals(12, json().at("/fusion/dna_dim").asInt());
    assertEquals(1.5, json().at("/targets/0/scale/mean").asDouble());
  }

  @Test
  void everyFieldIsNeeded() throws IOException {
    for (String parent :
        List.of(
            "",
            "/data",
            "/streams/0",
            "/streams/0/embedding",
            "/fusion",
            "/head",
            "/training",
            "/fine_tuning",
            "/size",
            "/target_scale")) {
      List<String> fields = new ArrayList<>();
      json().at(parent).fieldNames().forEachRemaining(fields::add);
      for (String field : fields) {
        ObjectNode json = json();
        ((ObjectNode) json.at(parent)).remove(field);
        String message = failure(json.toString()).getMessage();
        assertTrue(
            message.contains(
                field.equals("format")
                    ? "no format"
                    // Without its name a fusion cannot be told apart from the others.
                    : (field.equals("name") && parent.equals("/fusion") ? "fusion" : field)
                        + "' is missing"),
            message);
        assertTrue(message.endsWith("; name a directory that 'codonfuse train' wrote."), message);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "3", "{", "{}", "not JSON", "{\"format\": \"1\"}"})
  void refusesWhatIsNoConfiguration(String content) throws IOException {
    String message = failure(content).getMessage();

    assertTrue(message.contains(": not the configuration of a run ("), message);
    assertTrue(message.endsWith("; name a directory that 'codonfuse train' wrote."), message);
  }

  @Test
  void namesTheLine() throws IOException {
    String message =
        failure(CONFIG.toJson().replace("\"learning_rate\" : ", "\"learning_rate\" : !"))
            .getMessage();

    long line =
        CONFIG.toJson().lines().takeWhile(text -> !text.contains("learning_rate")).count() + 1;
    assertTrue(message.contains("config.json:" + line + ": "), message);
  }

  @Test
  void refusesANewerFormatWhateverItHolds() throws IOException {
    String message =
        failure(
                "{\"format\": %d, \"codonfuse\": \"9.0\", \"unheard_of\": 1}"
                    .formatted(RunConfig.FORMAT + 1))
            .getMessage();

    assertTrue(
        message.endsWith(
            (": format %d where this version reads %d; use the version of Codonfuse that wrote"
                    + " the run (9.0).")
                .formatted(RunConfig.FORMAT + 1, RunConfig.FORMAT)),
        message);
  }

  @ParameterizedTest
  @CsvSource({
    "fusion,\"concat\",\"unheard of\"",
    "head,\"textcnn\",\"unheard of\"",
    "streams,\"dna\",\"unheard of\""
  })
  void refusesUnknownNames(String what, String known, String unknown) throws IOException {
    String message = failure(CONFIG.toJson().replaceAll("(?i)" + known, unknown)).getMessage();

    assertTrue(message.contains(what), message);
  }

  @Test
  void refusesAConfigurationWithoutStreams() throws IOException {
    ObjectNode json = json();
    json.putArray("streams");

    assertTrue(failure(json.toString()).getMessage().contains("it has no streams"));
  }

  @Test
  void namesAFileThatIsAbsent() {
    Path file = folder.resolve("absent/config.json");

    assertEquals(
        file
            + ": cannot be read (no such file or directory); name a directory that 'codonfuse"
            + " train' wrote.",
        assertThrows(CodonfuseException.class, () -> RunConfig.read(file)).getMessage());
  }
}
