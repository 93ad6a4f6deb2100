package org.codonfuse.embedding.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddingStoreTest {
  private static final String[] LETTERS = {"A", "CC", "A", "GGG", "U"};

  @TempDir private Path folder;

  private Path write() {
    return Stores.write(folder.resolve("store"), Stores.settings(), LETTERS);
  }

  private static String failure(Path directory) {
    return assertThrows(CodonfuseException.class, () -> EmbeddingStore.open(directory).close())
        .getMessage();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void readsWhatWasWritten(DType type) {
    StoreManifest settings = Stores.settings(type, Pooling.NONE, Optional.empty());
    Path directory = Stores.write(folder.resolve("store"), settings, LETTERS);

    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      assertEquals(
          List.of("s0", "s1", "s2", "s3", "s4"),
          store.entries().stream().map(IndexEntry::id).toList());
      for (IndexEntry entry : store.entries()) {
        float[] expected = Stores.values(settings, entry.sha256());
        float[] read = new float[expected.length + 2];
        store.read(entry, read, 1);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], read[1 + i]);
        }
        assertEquals(0, read[0] + read[expected.length + 1]);
        assertEquals(-1, Stores.stored(settings, expected).mismatch(store.rows(entry)));
      }
      assertEquals(Optional.of(store.entries().getFirst()), store.find(Sha256.of("A")));
      assertEquals(Optional.empty(), store.find(Sha256.of("C")));
    }
  }

  @Test
  void equalSequencesHaveTheSameRows() {
    try (EmbeddingStore store = EmbeddingStore.open(write())) {
      IndexEntry first = store.entries().get(0);
      IndexEntry second = store.entries().get(2);

      assertEquals(first.sha256(), second.sha256());
      assertEquals(store.rows(first).address(), store.rows(second).address());
      assertEquals(
          Map.of("sequences", 5L, "unique", 4L, "rows", rows(store), "parts", 2L, "truncated", 1L),
          store.manifest().counts());
    }
  }

  private static long rows(EmbeddingStore store) {
    return List.of(0, 1, 3, 4).stream().mapToLong(i -> store.entries().get(i).rows()).sum();
  }

  @Test
  void rowsAreViewsOfTheFileAndAligned() {
    MemorySegment rows;
    try (EmbeddingStore store = EmbeddingStore.open(write())) {
      IndexEntry first = store.entries().getFirst();
      rows = store.rows(first);

      assertEquals(0, first.row());
      assertEquals(0, rows.address() % 64);
      assertTrue(rows.isMapped() && rows.isReadOnly());
    }
    assertThrows(IllegalStateException.class, () -> rows.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void afterCloseOnlyEntriesAreReadable() {
    EmbeddingStore store = EmbeddingStore.open(write());
    IndexEntry read = store.entries().getFirst();
    assertEquals(read.rows() * 20L, store.rows(read).byteSize());

    store.close();
    store.close();

    for (IndexEntry entry : store.entries()) {
      assertThrows(IllegalStateException.class, () -> store.rows(entry));
    }
  }

  @Test
  void servesManyThreads() throws Exception {
    StoreManifest settings = Stores.settings();
    try (EmbeddingStore store = EmbeddingStore.open(write());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> reads = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        IndexEntry entry = store.entries().get(i % 5);
        reads.add(
            threads.submit(
                () -> {
                  float[] values = new float[entry.rows() * store.width()];
                  store.read(entry, values, 0);
                  return values;
                }));
      }
      for (int i = 0; i < reads.size(); i++) {
        String hash = store.entries().get(i % 5).sha256();
        assertEquals(
            -1,
            MemorySegment.ofArray(Stores.values(settings, hash))
                .mismatch(MemorySegment.ofArray(reads.get(i).get())));
      }
    }
  }

  @Test
  void anIncompleteStoreSaysHowToFinishIt() {
    Path directory = folder.resolve("store");
    StoreWriter.open(directory, Stores.settings(), List.of(Stores.hashes("A"))).close();

    assertEquals(
        directory
            + ": is not complete (0 of 1 parts are there); run the command that began it again,"
            + " which goes on where it stopped.",
        failure(directory));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(?s).* | '' | : not the manifest of an embedding store (it has no format number); name",
        "(?s).* | x{ | :1: not the manifest of an embedding store (it is not valid JSON); name",
        "\"layer\" | layer | :14: not the manifest of an embedding store (it is not valid JSON)",
        "\"format\" : 1 | \"format\" : 2 | : format 2 where this version reads 1; use the version"
            + " of Codonfuse that wrote the store (0.1.0).",
        "\"rna\" | \"water\" | :12: not the manifest of an embedding store (field 'molecule' is"
            + " missing or has a wrong value)",
        "\"layer\" : | \"other\" : | : not the manifest of an embedding store (field 'layer' is"
            + " missing)",
        "\"width\" : 5 | \"width\" : 0 | : not the manifest of an embedding store (width 0)",
        "\"parts\" : 2 | \"parts\" : -2 | : not the manifest of an embedding store (field"
            + " 'counts' has a wrong value)",
        "\"parts\" : 2 | \"parts\" : null | : not the manifest of an embedding store (field"
            + " 'counts' has a wrong value)",
        "\"parts\" : 2 | \"parts\" : 2147483647 | : not the manifest of an embedding store"
            + " (2147483647 parts)",
        "\"computed\" : \"float32\" | \"computed\" : \"int64\" | : not the manifest of an embedding"
            + " store (rows are not computed or stored in that precision)",
        "\"complete\" | \"shard\" : {\"index\" : 3, \"count\" : 2}, \"complete\" | : not the"
            + " manifest of an embedding store (shard 3/2)",
        "\"stored\" : \"float32\" | \"stored\" : \"int64\" | : not the manifest of an embedding"
            + " store (rows are not computed or stored in that precision)",
        "\"engine\" | \"motor\" : 1, \"engine\" | not the manifest of an embedding store (it has an"
            + " unknown field 'motor')"
      })
  void refusesOtherManifests(String pattern, String replacement, String expected)
      throws IOException {
    Path manifest = write().resolve("manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replaceFirst(pattern, replacement));

    String message = failure(manifest.getParent());

    assertTrue(message.startsWith(manifest.toString()), message);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void refusesWhatIsNoStore() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    String remedy = "; name a directory that 'codonfuse embed' wrote.";

    assertEquals(
        folder.resolve("absent") + ": no such directory" + remedy,
        failure(folder.resolve("absent")));
    assertEquals(file + ": is a file, not an embedding store" + remedy, failure(file));
    assertEquals(
        folder + ": is no embedding store (it has no manifest.json)" + remedy, failure(folder));
  }

  @ParameterizedTest
  @CsvSource({"1000,5", "9223372036854775807,3", "0,2147483647"})
  void refusesRowsBeyondTheirPart(long row, int rows) throws IOException {
    Path index = write().resolve("index.csv");
    String text = Files.readString(index);
    Files.writeString(
        index, text.replaceFirst("(?m)^(s3,\\w+,1),0,\\d+$", "$1," + row + "," + rows));

    try (EmbeddingStore store = EmbeddingStore.open(index.getParent())) {
      IndexEntry outside = store.entries().get(3);
      String message =
          assertThrows(CodonfuseException.class, () -> store.rows(outside)).getMessage();
      assertTrue(
          message.startsWith(index + ": gives 's3' " + rows + " rows from " + row + " of part 1, "),
          message);
    }
  }

  @Test
  void refusesPartsOfAnotherKindOnlyWhenTheyAreRead() {
    Path directory = write();
    Path part = directory.resolve("part-00001.safetensors");
    SafetensorsWriter.write(
        part, Map.of("embeddings", TensorData.of(Shape.of(9, 4), new float[36])));

    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      assertTrue(store.rows(store.entries().get(0)).byteSize() > 0);
      String message =
          assertThrows(CodonfuseException.class, () -> store.rows(store.entries().get(3)))
              .getMessage();
      assertTrue(
          message.startsWith(part + ": holds F32 [9, 4] where its store has F32 [rows, 5]; "),
          message);
    }
  }

  @Test
  void idsMayHoldAnything() {
    Path directory = folder.resolve("store");
    List<String> ids = List.of("a,b", "\"q\"", "", "two\nlines", "#1", "é\uD83E\uDDEC");
    List<NamedSequence> input =
        ids.stream().map(id -> new NamedSequence(id, Sha256.of("A"))).toList();

    Stores.write(directory, Stores.settings(), List.of(Stores.hashes("A")), input);

    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      assertEquals(ids, store.entries().stream().map(IndexEntry::id).toList());
    }
  }
}
