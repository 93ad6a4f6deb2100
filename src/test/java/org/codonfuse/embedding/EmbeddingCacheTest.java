package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.TestGroups;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingCacheTest {
  private static final EmbeddingSettings SETTINGS = EmbeddingSettings.of(Pooling.CODON);

  @TempDir static Path folder;

  private static Backend backend;
  private static Encoder encoder;

  @TempDir Path directory;

  /** Tokens that were computed. */
  private final AtomicLong computed = new AtomicLong();

  private String warnings = "";

  @BeforeAll
  static void load() {
    backend = TestBackends.open("scalar");
    encoder = encoder("model", EncoderFamily.ESM2, 1);
  }

  @AfterAll
  static void close() {
    encoder.close();
    backend.close();
  }

  private static Encoder encoder(String name, EncoderFamily family, long seed) {
    Path model = folder.resolve(name);
    RandomEncoder.write(model, family, family.config(4, 1, 1, 4), seed);
    return Encoder.load(backend, model);
  }

  private static EmbeddingInputs inputs(int code, String... rna) {
    return EmbeddingInputs.of(
        encoder.tokenizer().molecule(),
        IntStream.range(0, rna.length).mapToObj(i -> new CodingSequence("s" + i, rna[i])).toList(),
        GeneticCode.of(code));
  }

  private static final String[] FEW = {"AUGGCU", "AUG", "AUGGCU", "AUGUUUGGG"};

  private EmbeddingCache.Entry entry(Path cache, EmbeddingInputs inputs) {
    return new EmbeddingCache(cache).get(backend, encoder, inputs, SETTINGS, counting());
  }

  private Progress counting() {
    return (name, total) -> {
      computed.addAndGet(name.startsWith("Embedding") ? total : 0);
      return Progress.NONE.start("", total);
    };
  }

  private float[][] rows(EmbeddingCache cache, EmbeddingInputs inputs) {
    try (EmbeddingCache.Entry entry = cache.get(backend, encoder, inputs, SETTINGS, counting())) {
      EmbeddingStore store = entry.store();
      return store.entries().stream().map(of -> rows(store, of)).toArray(float[][]::new);
    }
  }

  /** All rows that a get gives, counting what is computed and collecting warnings. */
  private float[][] get(Path cache, EmbeddingInputs inputs) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (EmbeddingCache.Entry entry = entry(cache, inputs)) {
      EmbeddingStore store = entry.store();
      return store.entries().stream().map(of -> rows(store, of)).toArray(float[][]::new);
    } finally {
      System.setErr(before);
      warnings = log.toString(StandardCharsets.UTF_8);
    }
  }

  private static float[] rows(EmbeddingStore store, IndexEntry entry) {
    float[] rows = new float[entry.rows() * store.width()];
    store.read(entry, rows, 0);
    return rows;
  }

  private Path place(Path cache, EmbeddingInputs inputs) {
    return cache.resolve(EmbeddingCache.key(backend, encoder, inputs, SETTINGS));
  }

  @Test
  void theSecondGetReadsWhatTheFirstComputed() {
    Path cache = directory.resolve("new/folders");
    float[][] first = get(cache, inputs(1, FEW));
    assertEquals(4, first.length);
    assertArrayEquals(first[0], first[2]);
    assertEquals(3 + 4 + 5, computed.getAndSet(0));
    assertArrayEquals(first, get(cache, inputs(1, FEW)));
    assertEquals(0, computed.get());
    assertEquals("", warnings);
    get(cache, inputs(1, "AUGAUG"));
    assertEquals(4, computed.get());
  }

  @Test
  void anInterruptedStoreIsGoneOnWithUnderOtherIdentifiersToo() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    List<EmbeddingInput> many =
        IntStream.range(0, 5000)
            .mapToObj(i -> new EmbeddingInput("s" + i, residues(random)))
            .toList();
    EmbeddingInputs inputs =
        new EmbeddingInputs(Molecule.PROTEIN, Optional.of(GeneticCode.standard()), many);
    float[][] whole = get(directory, inputs);
    long all = computed.getAndSet(0);
    Path place = place(directory, inputs);
    Path manifest = place.resolve("manifest.json");
    Files.writeString(
        manifest,
        Files.readString(manifest).replace("\"complete\" : true", "\"complete\" : false"));
    Files.delete(place.resolve("index.csv"));
    Files.delete(place.resolve("part-00001.safetensors"));
    EmbeddingInputs renamed =
        new EmbeddingInputs(
            Molecule.PROTEIN,
            inputs.code(),
            many.stream().map(i -> new EmbeddingInput("t" + i.id(), i.letters())).toList());

    assertArrayEquals(whole, get(directory, renamed));

    assertTrue(computed.get() > 0 && computed.get() < all / 2, computed + " of " + all);
    assertEquals("", warnings);
  }

  private static String residues(SplittableRandom random) {
    return random
        .ints(12, 0, 20)
        .mapToObj(i -> "ACDEFGHIKLMNPQRSTVWY".substring(i, i + 1))
        .collect(Collectors.joining());
  }

  @TestFactory
  Stream<DynamicTest> damagedStoresAreMendedOrComputedAgainWithAWarning() {
    Map<String, Consumer<Path>> damages =
        Map.of(
            "part truncated", store -> cut(store.resolve("part-00000.safetensors"), 1),
            "part cut in half", store -> cut(store.resolve("part-00000.safetensors"), 150),
            "part empty", store -> write(store.resolve("part-00000.safetensors"), ""),
            "part missing", store -> remove(store.resolve("part-00000.safetensors")),
            "index missing", store -> remove(store.resolve("index.csv")),
            "index broken", store -> write(store.resolve("index.csv"), "what is this?"),
            "index empty", store -> write(store.resolve("index.csv"), ""),
            "manifest broken", store -> write(store.resolve("manifest.json"), "{"),
            "manifest empty", store -> write(store.resolve("manifest.json"), ""),
            "manifest missing", store -> remove(store.resolve("manifest.json")));
    return damages.entrySet().stream()
        .map(
            damage ->
                DynamicTest.dynamicTest(
                    damage.getKey(), () -> assertRecovers(damage.getKey(), damage.getValue())));
  }

  private void assertRecovers(String name, Consumer<Path> damage) {
    Path cache = directory.resolve(name);
    EmbeddingInputs inputs = inputs(1, FEW);
    float[][] whole = get(cache, inputs);
    damage.accept(place(cache, inputs));
    computed.set(0);
    assertArrayEquals(whole, get(cache, inputs));
    assertEquals(12, computed.getAndSet(0));
    assertTrue(warnings.contains(place(cache, inputs).toString()), warnings);
    assertTrue(warnings.contains("computed again"), warnings);
    assertArrayEquals(whole, get(cache, inputs));
    assertEquals(0, computed.get());
    assertEquals("", warnings);
  }

  @Test
  void aFolderThatCannotBeWrittenOnlyWarns() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    Path cache = file.resolve("cache");
    float[][] kept = get(directory.resolve("other"), inputs(1, FEW));
    assertArrayEquals(kept, get(cache, inputs(1, FEW)));
    assertTrue(warnings.contains("not cached") && warnings.contains(cache.toString()), warnings);
    Path temporary;
    try (EmbeddingCache.Entry entry = entry(cache, inputs(1, FEW))) {
      temporary = entry.temporary().orElseThrow();
      assertTrue(Files.exists(entry.store().directory()));
    }
    assertTrue(Files.notExists(temporary));
  }

  @Test
  void twoThatWantTheSameComputeItOnce() throws Exception {
    EmbeddingInputs inputs = inputs(1, FEW);
    try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
      Callable<float[]> task =
          () -> {
            try (EmbeddingCache.Entry entry = entry(directory, inputs)) {
              return rows(entry.store(), entry.store().entries().getFirst());
            }
          };
      List<Future<float[]>> found = pool.invokeAll(List.of(task, task, task));
      for (Future<float[]> rows : found) {
        assertArrayEquals(found.getFirst().get(), rows.get());
      }
    }
    assertEquals(12, computed.get());
  }

  @Test
  void processesComputeTogetherWhatIsNotThere() throws Exception {
    EmbeddingInputs inputs = inputs(1, "AUGGCU", "AUG", "AUGGCUGCU", "AUGUUUGGG", "AUGAAA");
    float[][] alone = get(directory.resolve("alone"), inputs);
    assertEquals(4 + 3 + 5 + 5 + 4, computed.getAndSet(0));
    for (int tokens : new int[] {21, 0}) {
      try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
        List<Callable<float[][]>> tasks =
            TestGroups.peers(3).stream()
                .<Callable<float[][]>>map(
                    peers -> () -> rows(new EmbeddingCache(directory).sharedBy(peers), inputs))
                .toList();
        for (Future<float[][]> together : pool.invokeAll(tasks)) {
          assertArrayEquals(alone, together.get());
        }
      }
      assertEquals(tokens, computed.getAndSet(0));
    }
    try (Stream<Path> left = Files.list(directory)) {
      String place = place(directory, inputs).getFileName().toString();
      assertEquals(
          Set.of("alone", place, place + ".lock"),
          left.map(path -> path.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  @Test
  void aFailureToEmbedIsNotHidden() {
    EmbeddingInputs stops = inputs(1, "UAAUAAUAA");
    assertThrows(
        CodonfuseException.class,
        () ->
            new EmbeddingCache(directory)
                .get(backend, encoder, stops, SETTINGS.withStrict(true), Progress.NONE));
  }

  @Test
  void theKeyDependsOnAllThatDecidesTheRows() {
    EmbeddingInputs few = inputs(1, FEW);
    Set<String> keys = new HashSet<>();
    try (Encoder other = encoder("other", EncoderFamily.ESM2, 2)) {
      keys.add(EmbeddingCache.key(backend, encoder, few, SETTINGS));
      keys.add(EmbeddingCache.key(backend, other, few, SETTINGS));
      keys.add(
          EmbeddingCache.key(backend, encoder, few, SETTINGS.withLayer(EncoderLayer.parse("0"))));
      keys.add(EmbeddingCache.key(backend, encoder, few, SETTINGS.withStored(DType.FLOAT16)));
      keys.add(
          EmbeddingCache.key(backend, encoder, few, SETTINGS.withLongSequences(LongPolicy.CHUNK)));
      keys.add(EmbeddingCache.key(backend, encoder, few, EmbeddingSettings.of(Pooling.NONE)));
      keys.add(EmbeddingCache.key(backend, encoder, inputs(11, FEW), SETTINGS));
      keys.add(EmbeddingCache.key(backend, encoder, inputs(1, "AUGGCU", "AUG"), SETTINGS));
      keys.add(EmbeddingCache.key(backend, encoder, inputs(1, "AUG", "AUGGCU"), SETTINGS));
      keys.add(EmbeddingCache.key(backend, encoder, inputs(1, "AUG", "AUG", "GCU"), SETTINGS));
    }
    assertEquals(10, keys.size());
  }

  @Test
  void theKeyDoesNotDependOnIdentifiers() {
    EmbeddingInputs renamed =
        new EmbeddingInputs(
            encoder.tokenizer().molecule(),
            inputs(1, "AUG").code(),
            List.of(new EmbeddingInput("other", "M")));
    assertEquals(
        EmbeddingCache.key(backend, encoder, inputs(1, "AUG"), SETTINGS),
        EmbeddingCache.key(backend, encoder, renamed, SETTINGS));
    assertNotEquals("s0", renamed.sequences().getFirst().id());
  }

  @Test
  void theUsersCacheFollowsTheEnvironment() {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    assertEquals(
        Path.of("/cache/codonfuse/embeddings"), EmbeddingCache.defaultDirectory("/cache", "?"));
    assertEquals(
        Path.of("/home/u/.cache/codonfuse/embeddings"),
        EmbeddingCache.defaultDirectory(" ", "/home/u"));
    for (String home : new String[] {"?", "", null}) {
      assertTrue(EmbeddingCache.defaultDirectory(null, home).startsWith(temporary), home);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void cut(Path file, int bytes) {
    try {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length - bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
