package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Shape;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingCacheTest {
  private static final int WIDTH = 2;
  private static final float[][] ROWS = {{1, 2, 3, 4}, {}, {-5, Float.MIN_VALUE}};
  private static final Shape SHAPE = Shape.of(3, WIDTH);
  private static final float[] VALUES = {1, 2, 3, 4, -5, Float.MIN_VALUE};

  @TempDir Path directory;

  private final AtomicInteger computed = new AtomicInteger();
  private String warnings = "";

  /** What a get gives, counting computations and collecting warnings. */
  private float[][] get(Path cache, String key) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      return new EmbeddingCache(cache)
          .get(
              key,
              ROWS.length,
              WIDTH,
              () -> {
                computed.incrementAndGet();
                return ROWS;
              });
    } finally {
      System.setErr(before);
      warnings = log.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void theSecondGetReadsWhatTheFirstComputed() {
    Path cache = directory.resolve("new/folders");
    for (int time = 0; time < 3; time++) {
      assertRows(get(cache, "key"));
      assertEquals(1, computed.get());
      assertEquals("", warnings);
    }
    assertRows(get(cache, "other"));
    assertEquals(2, computed.get());
  }

  @TestFactory
  Stream<DynamicTest> unusableEntriesAreComputedAndWrittenAgainWithAWarning() {
    Map<String, Consumer<Path>> damages =
        Map.ofEntries(
            Map.entry("empty", file -> bytes(file, new byte[0])),
            Map.entry(
                "text", file -> bytes(file, "what is this?".getBytes(StandardCharsets.UTF_8))),
            Map.entry("truncated", file -> bytes(file, cut(file, 1))),
            Map.entry("cut in half", file -> bytes(file, cut(file, 100))),
            Map.entry("no offsets", file -> entry(file, SHAPE, null)),
            Map.entry("no rows", file -> entry(file, null, new long[] {0, 2, 2, 3})),
            Map.entry("other width", file -> entry(file, Shape.of(2, 3), new long[] {0, 1, 1, 2})),
            Map.entry("flat rows", file -> entry(file, Shape.of(6), new long[] {0, 2, 2, 3})),
            Map.entry("fewer sequences", file -> entry(file, SHAPE, new long[] {0, 2, 3})),
            Map.entry("more sequences", file -> entry(file, SHAPE, new long[] {0, 2, 2, 2, 3})),
            Map.entry("offsets from 1", file -> entry(file, SHAPE, new long[] {1, 2, 2, 3})),
            Map.entry("offsets that fall", file -> entry(file, SHAPE, new long[] {0, 2, 1, 3})),
            Map.entry("offsets beyond", file -> entry(file, SHAPE, new long[] {0, 9, 2, 3})),
            Map.entry("huge offsets", file -> entry(file, SHAPE, new long[] {0, 1L << 62, 2, 3})),
            Map.entry("negative end", file -> entry(file, SHAPE, new long[] {0, 2, 2, -3})),
            Map.entry("huge end", file -> entry(file, SHAPE, new long[] {0, 0, 0, Long.MAX_VALUE})),
            Map.entry("offsets of floats", file -> floatOffsets(file)));
    return damages.entrySet().stream()
        .map(
            damage ->
                DynamicTest.dynamicTest(
                    damage.getKey(), () -> assertRecovers(damage.getKey(), damage.getValue())));
  }

  private void assertRecovers(String key, Consumer<Path> damage) {
    Path file = directory.resolve(key + ".safetensors");
    get(directory, key);
    assertTrue(Files.exists(file));
    damage.accept(file);
    computed.set(0);
    assertRows(get(directory, key));
    assertEquals(1, computed.get());
    assertTrue(warnings.contains(file.toString()), warnings);
    assertTrue(warnings.contains("it is computed again"), warnings);
    assertRows(get(directory, key));
    assertEquals(1, computed.get());
    assertEquals("", warnings);
  }

  @Test
  void aFolderThatCannotBeWrittenOnlyWarns() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    Path cache = file.resolve("cache");
    for (int time = 1; time <= 2; time++) {
      assertRows(get(cache, "key"));
      assertEquals(time, computed.get());
      assertTrue(warnings.contains("not cached"), warnings);
      assertTrue(warnings.contains(cache.toString()), warnings);
    }
  }

  @Test
  void theDefaultFolderNeedsNoHome() {
    assertEquals(
        Path.of("/cache/codonfuse/embeddings"), EmbeddingCache.defaultDirectory("/cache", "?"));
    assertEquals(
        Path.of("/home/u/.cache/codonfuse/embeddings"),
        EmbeddingCache.defaultDirectory(" ", "/home/u"));
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    for (String home : new String[] {"?", null}) {
      assertTrue(EmbeddingCache.defaultDirectory(null, home).startsWith(temporary), home);
    }
  }

  @Test
  void keysDifferByEverythingThatChangesTheRows() {
    List<CodingSequence> sequences = sequences("AUG", "GCU");
    Granularity codon = Granularity.CODON;
    List<String> keys =
        List.of(
            EmbeddingCache.key("model", "torch", codon, sequences),
            EmbeddingCache.key("model2", "torch", codon, sequences),
            EmbeddingCache.key("model", "scalar", codon, sequences),
            EmbeddingCache.key("modelt", "orch", codon, sequences),
            EmbeddingCache.key("model", "torch", Granularity.WINDOW, sequences),
            EmbeddingCache.key("model", "torch", codon, sequences("GCU", "AUG")),
            EmbeddingCache.key("model", "torch", codon, sequences("AUG", "GCU", "GCU")),
            EmbeddingCache.key("model", "torch", codon, sequences("AUGGCU")),
            EmbeddingCache.key("model", "torch", codon, sequences("AUGG", "CU")),
            EmbeddingCache.key("model", "torch", codon, List.of()));
    assertEquals(keys.size(), keys.stream().distinct().count());
    assertTrue(keys.stream().allMatch(key -> key.matches("[0-9a-f]{64}")), keys.toString());
  }

  @Test
  void keysDoNotDependOnTheNamesOfSequences() {
    assertEquals(
        EmbeddingCache.key("m", "c", Granularity.CODON, List.of(new CodingSequence("a", "AUG"))),
        EmbeddingCache.key("m", "c", Granularity.CODON, List.of(new CodingSequence("b", "AUG"))));
  }

  private static List<CodingSequence> sequences(String... rna) {
    return Arrays.stream(rna).map(r -> new CodingSequence("s", r)).toList();
  }

  private static void assertRows(float[][] actual) {
    assertEquals(ROWS.length, actual.length);
    for (int i = 0; i < ROWS.length; i++) {
      assertArrayEquals(ROWS[i], actual[i]);
    }
  }

  private static byte[] cut(Path file, int by) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return Arrays.copyOf(bytes, bytes.length - by);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void bytes(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void entry(Path file, Shape rows, long[] offsets) {
    Map<String, TensorData> tensors = new java.util.TreeMap<>();
    if (rows != null) {
      tensors.put("rows", TensorData.of(rows, VALUES));
    }
    if (offsets != null) {
      tensors.put("offsets", TensorData.ofLongs(Shape.of(offsets.length), offsets));
    }
    SafetensorsWriter.write(file, tensors);
  }

  private static void floatOffsets(Path file) {
    TensorData offsets = TensorData.of(Shape.of(4), new float[] {0, 2, 2, 3});
    SafetensorsWriter.write(file, Map.of("rows", TensorData.of(SHAPE, VALUES), "offsets", offsets));
  }
}
