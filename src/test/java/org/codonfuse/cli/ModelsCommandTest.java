package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.TensorSource;
import org.codonfuse.weights.hub.FakeHub;
import org.codonfuse.weights.hub.Hub;
import org.codonfuse.weights.hub.HubSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void everyPresetIsListedWithItsLicence() throws IOException {
    assertEquals(0, run("models", "list", "--json"));
    JsonNode models = new ObjectMapper().readTree(output()).get("models");
    assertEquals(EncoderPreset.ALL.size(), models.size());
    assertEquals("MIT", models.get(0).get("licence").textValue());
    assertEquals("protein", models.get(0).get("molecule").textValue());
    assertEquals(31_384_292, models.get(0).get("bytes").longValue());

    out.reset();
    assertEquals(0, run("models", "list"));
    for (EncoderPreset preset : EncoderPreset.ALL) {
      assertTrue(
          output()
              .lines()
              .anyMatch(l -> l.startsWith(preset.name() + " ") && l.endsWith(preset.licence())),
          preset.name());
    }
  }

  @Test
  void aRandomModelHasThePublishedShapeAndDependsOnTheSeedAlone() throws IOException {
    assertEquals(0, run("models", "random", "esm2-8m", at("a"), "--seed", "7"));
    assertEquals(0, run("models", "random", "esm2-8m", at("b"), "--seed", "7"));
    assertEquals(0, run("models", "random", "esm2-8m", at("c"), "--seed", "8"));

    byte[] weights = Files.readAllBytes(folder.resolve("a/model.safetensors"));
    assertArrayEquals(weights, Files.readAllBytes(folder.resolve("b/model.safetensors")));
    assertFalse(Arrays.equals(weights, Files.readAllBytes(folder.resolve("c/model.safetensors"))));
    try (Stream<Path> files = Files.list(folder.resolve("a"))) {
      assertEquals(3, files.count());
    }
    try (TensorSource source = SafetensorsFile.open(folder.resolve("a/model.safetensors"))) {
      long parameters =
          source.names().stream().mapToLong(name -> source.info(name).shape().size()).sum();
      assertEquals(EncoderPreset.find("esm2-8m").orElseThrow().parameters(), parameters);
    }
  }

  @Test
  void aRandomModelReplacesNothing() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("full")).resolve("file"), "mine");
    assertEquals(2, run("models", "random", "esm2-8m", at("full")));
    assertEquals(1, run("models", "random", "esm2-8m", at("full/file")));
    assertEquals("mine", Files.readString(folder.resolve("full/file")));
  }

  @Test
  void whatCannotBeMeantIsAUsageError() {
    assertEquals(2, run("models"));
    assertEquals(2, run("models", "random", "esm3", at("x")));
    assertEquals(2, run("models", "pull", "nothing"));
    assertEquals(2, run("models", "pull", "a/b@v1", "--revision", "v2"));
    assertEquals(2, run("models", "pull", "a/b", "--revision", "../v2"));
    assertEquals(5, err.toString(StandardCharsets.UTF_8).lines().count());
  }

  @Test
  void aDirectoryIsFoundWithoutTheHub() {
    ModelResolver resolver =
        new ModelResolver(
            () -> {
              throw new AssertionError("the hub was asked for");
            },
            console(new StringWriter()));
    assertEquals(folder, resolver.resolve(folder.toString()));
    assertEquals(Path.of("./none"), resolver.resolve("./none"));
    assertThrows(UsageException.class, () -> resolver.resolve("rna-fm-original"));
  }

  @Test
  void whatIsInTheCacheIsFoundOffline() throws IOException {
    String commit = "c731040fcd8d73dceaa04b0a8e6329b345b0f5df";
    Path snapshot = folder.resolve("models--facebook--esm2_t6_8M_UR50D/snapshots/" + commit);
    Files.createDirectories(snapshot);
    for (String file : new String[] {"config.json", "vocab.txt", "model.safetensors"}) {
      Files.createFile(snapshot.resolve(file));
    }
    Map<String, String> environment =
        Map.of("HF_HUB_CACHE", folder.toString(), "HF_HUB_OFFLINE", "1");
    StringWriter said = new StringWriter();
    ModelResolver resolver =
        new ModelResolver(() -> new Hub(HubSettings.of(environment, folder)), console(said));

    assertEquals(
        new ModelResolver.Resolved(snapshot, "facebook/esm2_t6_8M_UR50D", Optional.of(commit)),
        resolver.find("esm2-8m"));
    assertEquals("", said.toString());
  }

  @Test
  void whatIsNotHereIsDownloadedAfterALineWithSizeAndLicence() {
    try (FakeHub server = new FakeHub()) {
      StringWriter said = new StringWriter();
      HubSettings settings = server.settings(folder);
      ModelResolver resolver = new ModelResolver(() -> new Hub(settings), console(said));

      ModelResolver.Resolved resolved = resolver.find(FakeHub.REPOSITORY);

      assertEquals(Optional.of(FakeHub.COMMIT), resolved.commit());
      assertTrue(Files.exists(resolved.directory().resolve("model.safetensors")));
      assertEquals(
          "Downloading facebook/tiny (0.1 MiB, for the licence see "
              + settings.endpoint()
              + "/facebook/tiny) to "
              + folder,
          said.toString().strip());
    }
  }

  private static Console console(StringWriter said) {
    return new Console(new PrintWriter(said), new PrintWriter(said), false);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private int run(String... arguments) {
    return Main.execute(printer(out), printer(err), arguments);
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
