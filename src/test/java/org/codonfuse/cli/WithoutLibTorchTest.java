package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In processes that have the Vector API and no LibTorch. */
class WithoutLibTorchTest {
  private static final float TOLERANCE = 1e-4f;

  @TempDir private static Path folder;

  private static RunCommandsFixture fixture;

  @BeforeAll
  static void leaveARun() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    DemoPredictionTest.demo(folder.resolve("demo"));
    Files.createDirectory(folder.resolve("empty"));
  }

  @Test
  void embeddingsAreThoseOfTheScalarBackend() throws Exception {
    String[] command = {"embed", "--model=@rna", "--input=@data.csv", "--shard=none"};

    assertPureJava(child(with(command, "--output=@vector")));
    succeed(with(command, "--output=@scalar", "--backend=scalar"));

    try (EmbeddingStore expected = EmbeddingStore.open(folder.resolve("scalar"));
        EmbeddingStore found = EmbeddingStore.open(folder.resolve("vector"))) {
      List<IndexEntry> entries = expected.entries();
      assertEquals(entries, found.entries());
      for (IndexEntry entry : entries) {
        assertArrayEquals(rows(expected, entry), rows(found, entry), TOLERANCE, entry.id());
      }
    }
  }

  @Test
  void predictionsAreThoseOfTheScalarBackend() throws Exception {
    String[] command = {"predict", "@demo/runs/concat", "--input=@data.csv", "--cache=@cache"};

    assertPureJava(child(with(command, "--output=@vector.csv")));
    succeed(with(command, "--output=@scalar.csv", "--backend=scalar"));

    List<String[]> expected = cells("scalar.csv");
    List<String[]> found = cells("vector.csv");
    assertEquals(60, found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(expected.get(i)[0], found.get(i)[0]);
      assertEquals(
          Double.parseDouble(expected.get(i)[1]), Double.parseDouble(found.get(i)[1]), TOLERANCE);
    }
  }

  @Test
  void theDemonstrationPredicts() throws Exception {
    String output = child("demo", "--output=@demo");

    assertPureJava(output);
    assertTrue(output.contains("Training is left out (torch"), output);
    assertTrue(output.contains("200 new sequences, predicted by the backend vector ("), output);
  }

  private static void assertPureJava(String output) {
    assertTrue(output.contains("Backend vector: Vector API "), output);
    assertTrue(output.contains("; not torch ("), output);
    assertTrue(output.contains("where there is no libcodonfuse.so"), output);
  }

  private static float[] rows(EmbeddingStore store, IndexEntry entry) {
    float[] rows = new float[entry.rows() * store.width()];
    store.read(entry, rows, 0);
    return rows;
  }

  private static List<String[]> cells(String file) throws IOException {
    return Files.readAllLines(folder.resolve(file)).stream()
        .skip(1)
        .map(line -> line.split(","))
        .toList();
  }

  private static String[] with(String[] command, String... more) {
    return Stream.of(command, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static void succeed(String... args) {
    Said said = fixture.call(args);
    assertEquals(0, said.code(), said.err());
  }

  /** What {@link Main} prints in a process of its own, which must end normally. */
  private static String child(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    command.add("-Dcodonfuse.native=" + folder.resolve("empty"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Stream.of(args).map(arg -> arg.replace("@", folder + "/")).forEach(command::add);
    Path log = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertTrue(ended, "still running: " + output);
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
