package org.codonfuse.embedding.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreWriterTest {
  private static final String[] LETTERS = {"A", "CC", "A", "GGG", "UUUU"};
  private static final List<List<String>> PLAN =
      List.of(Stores.hashes("A", "CC"), Stores.hashes("UUUU"), Stores.hashes("GGG"));

  @TempDir private Path folder;
  private final StoreManifest settings = Stores.settings();
  private Path store;
  private Map<String, String> expected;

  @BeforeEach
  void writeUninterrupted() throws IOException {
    store = folder.resolve("store");
    Path whole = folder.resolve("whole");
    Stores.write(whole, settings, PLAN, Stores.input(LETTERS));
    expected = Stores.content(whole);
  }

  private StoreWriter open() {
    return StoreWriter.open(store, settings, PLAN);
  }

  private void finish() throws IOException {
    Stores.write(store, settings, PLAN, Stores.input(LETTERS));
    assertEquals(expected, Stores.content(store));
  }

  private static BitSet set(int... members) {
    BitSet set = new BitSet();
    Arrays.stream(members).forEach(set::set);
    return set;
  }

  @Test
  void holdsPartsIndexAndManifestOnly() {
    assertEquals(
        Set.of(
            ".lock",
            "index.csv",
            "manifest.json",
            "part-00000.safetensors",
            "part-00001.safetensors",
            "part-00002.safetensors"),
        expected.keySet());
  }

  @Test
  void goesOnAfterTheCompleteParts() throws IOException {
    try (StoreWriter writer = open();
        PartWriter part = writer.part(0, List.of(1, 1))) {
      part.append(MemorySegment.ofArray(new float[2]));
    }
    try (StoreWriter writer = open()) {
      assertEquals(set(), writer.done());
      Stores.part(writer, settings, 1, PLAN.get(1));
      assertEquals(set(1), writer.done());
      assertThrows(IllegalStateException.class, () -> writer.finish(List.of(), Map.of()));
    }
    try (StoreWriter writer = open()) {
      assertEquals(set(1), writer.done());
      assertFalse(writer.isComplete());
    }
    finish();
    try (StoreWriter writer = open()) {
      assertEquals(set(0, 1, 2), writer.done());
      assertTrue(writer.isComplete());
    }
    assertEquals(expected, Stores.content(store));
  }

  @Test
  void anAbandonedPartLeavesNothing() throws IOException {
    try (StoreWriter writer = open()) {
      try (PartWriter part = writer.part(1, List.of(2))) {
        part.append(MemorySegment.ofArray(new float[Stores.WIDTH]));
        assertThrows(IllegalStateException.class, part::commit);
        MemorySegment tooMuch = MemorySegment.ofArray(new float[Stores.WIDTH + 1]);
        assertThrows(IllegalArgumentException.class, () -> part.append(tooMuch));
      }
      assertEquals(Set.of(".lock", "manifest.json"), Stores.content(store).keySet());
    }
  }

  @Test
  void howRowsAreCutIntoPiecesMakesNoDifference() throws IOException {
    String hash = PLAN.get(1).getFirst();
    MemorySegment values = Stores.stored(settings, Stores.values(settings, hash));
    try (StoreWriter writer = open();
        PartWriter part = writer.part(1, List.of(Stores.rows(settings, hash)))) {
      for (long at = 0; at < values.byteSize(); at += 3) {
        part.append(values.asSlice(at, Math.min(3, values.byteSize() - at)));
      }
      part.commit();
    }
    finish();
  }

  @Test
  void theLeftoversOfKilledWritersGo() throws IOException {
    open().close();
    for (String name :
        List.of(
            ".part-00001.safetensors.new.part",
            ".manifest.json.0123456789ab.part",
            ".index.csv.0123456789ab.part")) {
      Files.writeString(store.resolve(name), "half");
    }
    finish();

    Files.delete(store.resolve("manifest.json"));
    for (String name : List.of("index.csv", "part-00000.safetensors")) {
      Files.delete(store.resolve(name));
    }
    Files.delete(store.resolve("part-00001.safetensors"));
    Files.delete(store.resolve("part-00002.safetensors"));
    Files.writeString(store.resolve(".manifest.json.0123456789ab.part"), "half");
    finish();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 100, 300, -1, -4, -20})
  void aTruncatedPartIsWrittenAgain(int length) throws IOException {
    finish();
    Path part = store.resolve("part-00000.safetensors");
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));

    try (StoreWriter writer = open()) {
      assertEquals(set(1, 2), writer.done());
      assertFalse(writer.isComplete());
    }
    finish();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8, 25, 60, 200, -1})
  void aDamagedPartIsWrittenAgain(int at) throws IOException {
    finish();
    Path part = store.resolve("part-00000.safetensors");
    byte[] bytes = Files.readAllBytes(part);
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    Files.write(part, bytes);

    try (StoreWriter writer = open()) {
      assertEquals(set(1, 2), writer.done());
    }
    finish();
  }

  @Test
  void partsOfAnotherPlanAreWrittenAgainOrRemoved() throws IOException {
    List<List<String>> other =
        List.of(
            Stores.hashes("A"), Stores.hashes("UUUU"), Stores.hashes("GGG"), Stores.hashes("CC"));
    Stores.write(store, settings, other, Stores.input(LETTERS));

    try (StoreWriter writer = open()) {
      assertEquals(set(1, 2), writer.done());
    }
    finish();
  }

  @Test
  void onlyOneWriterHasAStore() throws IOException {
    try (StoreWriter writer = open()) {
      assertEquals(store, writer.directory());
      String message = assertThrows(CodonfuseException.class, this::open).getMessage();
      assertEquals(
          store
              + ": somebody else is writing this store; wait until it is complete, or choose"
              + " another --output.",
          message);
    }
    finish();
  }

  private static StoreManifest model(String id, String sha256) {
    StoreManifest s = Stores.settings();
    return with(new StoreManifest.Model(id, "main", sha256, Map.of()), s.tokensPerBatch(), "1");
  }

  private static StoreManifest with(StoreManifest.Model model, int tokens, String version) {
    StoreManifest s = Stores.settings();
    return StoreManifest.settings(
        version,
        model,
        Molecule.RNA,
        s.tokenizer(),
        s.layer(),
        s.pooling(),
        s.precision(),
        s.engine(),
        s.geneticCode(),
        s.longSequences(),
        s.width(),
        tokens,
        Optional.empty(),
        s.input());
  }

  static Stream<Arguments> others() {
    StoreManifest.Model same = Stores.settings().model();
    return Stream.of(
        Arguments.of(
            Stores.settings(DType.FLOAT32, Pooling.CODON, Optional.empty()),
            "--pool is codon where the store has none"),
        Arguments.of(
            Stores.settings(DType.FLOAT16, Pooling.NONE, Optional.empty()),
            "--store-as is float16 where the store has float32"),
        Arguments.of(
            Stores.settings(
                DType.FLOAT32, Pooling.NONE, Optional.of(new StoreManifest.Shard(2, 3))),
            "--shard is 2/3 where the store has 1/1"),
        Arguments.of(with(same, 512, "9"), "--tokens-per-batch is 512 where the store has 4096"),
        Arguments.of(
            model("esm2", "0123456789"),
            "the model is esm2 (01234567) where the store has models/rna (abababab)"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void refusesOtherSettingsAndNamesThem(StoreManifest other, String difference) throws IOException {
    finish();

    String message =
        assertThrows(CodonfuseException.class, () -> StoreWriter.open(store, other, PLAN))
            .getMessage();

    assertEquals(
        store
            + ": was written with other settings ("
            + difference
            + "); use the same, or another --output.",
        message);
    assertEquals(expected, Stores.content(store));
  }

  @Test
  void theNameOfTheModelAndTheVersionMakeNoDifference() throws IOException {
    open().close();
    StoreManifest renamed = model("elsewhere", settings.model().sha256());
    try (StoreWriter writer = StoreWriter.open(store, renamed, PLAN)) {
      Stores.part(writer, settings, 0, PLAN.getFirst());
    }
    finish();
  }

  @Test
  void refusesWhatIsNoStore() throws IOException {
    Files.createDirectory(store);
    Path foreign = Files.writeString(store.resolve("thesis.tex"), "years of work");
    String message = assertThrows(CodonfuseException.class, this::open).getMessage();
    assertEquals(
        store + ": something other than an embedding store; choose another --output.", message);
    assertEquals(Set.of("thesis.tex"), Stores.content(store).keySet());

    Files.delete(foreign);
    Files.writeString(store.resolve("manifest.json"), "{\"format\": 2, \"codonfuse\": \"9.1\"}");
    message = assertThrows(CodonfuseException.class, this::open).getMessage();
    assertTrue(message.endsWith("the version of Codonfuse that wrote the store (9.1)."), message);

    Path file = Files.writeString(folder.resolve("file"), "text");
    for (Path place : List.of(file, file.resolve("below"))) {
      message =
          assertThrows(CodonfuseException.class, () -> StoreWriter.open(place, settings, PLAN))
              .getMessage();
      assertTrue(message.startsWith(place + ": "), message);
      assertTrue(message.contains("another --output") || message.contains("an --output"), message);
    }
  }

  @Test
  void refusesImpossiblePlans() {
    List<String> twice = Stores.hashes("A", "A");
    assertThrows(
        IllegalArgumentException.class, () -> StoreWriter.open(store, settings, List.of(twice)));
    assertThrows(
        IllegalArgumentException.class,
        () -> StoreWriter.open(store, settings, List.of(List.of())));
    try (StoreWriter writer = open()) {
      assertThrows(IllegalArgumentException.class, () -> writer.part(0, List.of(1)));
    }
  }
}
