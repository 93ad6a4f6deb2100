package org.codonfuse.embedding;

import static org.codonfuse.embedding.AlignmentFixture.align;
import static org.codonfuse.embedding.AlignmentFixture.settings;
import static org.codonfuse.embedding.EmbeddingFixture.files;
import static org.codonfuse.embedding.EmbeddingFixture.random;
import static org.codonfuse.embedding.EmbeddingFixture.rows;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.embedding.AlignmentFixture.Spec;
import org.codonfuse.embedding.store.AlignedStream;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.embedding.store.StoreMerge;
import org.codonfuse.embedding.store.StoreVerification;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(TestBackends.TAG)
class AlignmentJobTest {
  private static final float TOLERANCE = 1e-5f;
  private static final Spec DNA = Spec.of(Molecule.DNA, DType.BFLOAT16, 5);
  private static final Spec RNA = Spec.of(Molecule.RNA, DType.FLOAT16, 4);
  private static final Spec PROTEIN = Spec.of(Molecule.PROTEIN, DType.FLOAT32, 3);

  /** Ambiguous nucleotides, tails of one and two, an odd number of codons, twins. */
  private static final String[] FEW = {
    "AUGGCUAAAUUUGGGCCC", "AUGGCUA", "AUGNNCGCUAAAUUUGGGCCCAU", "AUGGCUA", "NAUUCCGAUUCCG", "AUG"
  };

  @TempDir Path folder;
  private final List<EmbeddingStore> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(EmbeddingStore::close);
  }

  private static String[] many() {
    return Stream.concat(Stream.of(FEW), Stream.of(random(30, 3))).toArray(String[]::new);
  }

  private List<EmbeddingStore> stores(AlignmentFixture fixture, Spec... specs) {
    List<EmbeddingStore> stores = Stream.of(specs).map(fixture::store).toList();
    open.addAll(stores);
    return stores;
  }

  private static void assertRows(Map<String, float[]> expected, Path store, float tolerance) {
    Map<String, float[]> found = rows(store);
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(found.keySet()));
    expected.forEach((id, values) -> assertArrayEquals(values, found.get(id), tolerance, id));
    assertEquals(List.of(), StoreVerification.of(store, Progress.NONE));
  }

  @OnEveryBackend
  void aCodonHasTheRowsOfItsWindowItsNucleotidesAndItsResidue(String name) {
    AlignmentFixture fixture = new AlignmentFixture(folder, many());
    List<EmbeddingStore> stores = stores(fixture, DNA, RNA, PROTEIN);
    Path output = folder.resolve("aligned");
    try (Backend backend = TestBackends.open(name)) {
      AlignmentReport report = align(backend, settings(stores), fixture.dataset(), output);

      Map<String, float[]> expected =
          fixture.expected(List.of(DNA, RNA, PROTEIN), Optional.empty());
      assertRows(expected, output, TOLERANCE);
      assertEquals(36, report.sequences());
      assertEquals(12, report.width());
      assertEquals(0, report.cutSequences());
      assertEquals(report.rows(), report.alignedRows());
      AlignmentReport again = align(backend, settings(stores), fixture.dataset(), output);
      assertEquals(0, again.alignedRows());
      assertEquals(report.rows(), again.rows());
    }
  }

  @Test
  void aSmallExampleByHand() {
    AlignmentFixture fixture = new AlignmentFixture(folder, "AUGGCUA");
    Path output = folder.resolve("aligned");
    List<EmbeddingStore> stores = stores(fixture, Spec.of(Molecule.RNA, DType.FLOAT32, 1));
    float[] tokens = new float[7];
    EmbeddingStore rna = stores.getFirst();
    rna.read(rna.entries().getFirst(), tokens, 0);
    try (Backend backend = TestBackends.open("scalar")) {
      align(backend, settings(stores), fixture.dataset(), output);
    }
    assertArrayEquals(
        new float[] {
          (tokens[0] + tokens[1] + tokens[2]) / 3, (tokens[3] + tokens[4] + tokens[5]) / 3
        },
        rows(output).get("s0"),
        TOLERANCE);
  }

  @OnEveryBackend
  void theKernelOfARunTakesWindowsApart(String name) {
    AlignmentFixture fixture = new AlignmentFixture(folder, many());
    List<EmbeddingStore> stores = stores(fixture, DNA, PROTEIN);
    SplittableRandom random = new SplittableRandom(1);
    float[] weight = new float[5 * 5 * 2];
    IntStream.range(0, weight.length).forEach(i -> weight[i] = random.nextInt(-8, 8) / 8f);
    WindowKernel kernel =
        new WindowKernel(
            Path.of("run"), "cd".repeat(32), "a0".repeat(32), "last", Shape.of(5, 5, 2), weight);
    Path output = folder.resolve("aligned");
    try (Backend backend = TestBackends.open(name)) {
      align(
          backend,
          new AlignmentSettings(
              stores, Optional.of(kernel), DType.FLOAT32, Optional.empty(), "test"),
          fixture.dataset(),
          output);
      assertRows(
          fixture.expected(List.of(DNA, PROTEIN), Optional.of(kernel)), output, 10 * TOLERANCE);
      String other =
          assertThrows(
                  CodonfuseException.class,
                  () -> align(backend, settings(stores), fixture.dataset(), output))
              .getMessage();
      assertTrue(
          other.contains(
              "the streams are [dna (a0a0a0a0, BFLOAT16, long truncate), layer last, 5 columns,"
                  + " codons by window;"),
          other);
      assertTrue(other.contains("codons by run cdcdcdcd;"), other);
    }
    StoreManifest manifest = StoreManifest.of(output).orElseThrow();
    assertEquals(kernel.sha256(), manifest.streams().getFirst().windows());
  }

  @Test
  void aKernelOfOtherRowsIsRefused() {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    List<EmbeddingStore> stores = stores(fixture, DNA);
    float[] weight = new float[5 * 5 * 2];
    try (Backend backend = TestBackends.open("scalar")) {
      for (String[] of : new String[][] {{"ff", "last"}, {"a0", "3"}}) {
        WindowKernel kernel =
            new WindowKernel(
                Path.of("run"), "cd", of[0].repeat(32), of[1], Shape.of(5, 5, 2), weight);
        AlignmentSettings settings =
            new AlignmentSettings(
                stores, Optional.of(kernel), DType.FLOAT32, Optional.empty(), "test");
        String message =
            assertThrows(
                    CodonfuseException.class,
                    () -> align(backend, settings, fixture.dataset(), folder.resolve("aligned")))
                .getMessage();
        assertTrue(message.contains("run was trained"), message);
      }
    }
    assertTrue(Files.notExists(folder.resolve("aligned")));
  }

  @Test
  void theManifestSaysWhatTheColumnsAre() {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    List<EmbeddingStore> stores = stores(fixture, DNA, RNA);
    Path output = folder.resolve("aligned");
    try (Backend backend = TestBackends.open("scalar")) {
      align(
          backend,
          new AlignmentSettings(stores, Optional.empty(), DType.FLOAT16, Optional.empty(), "test"),
          fixture.dataset(),
          output);
      StoreManifest manifest = StoreManifest.of(output).orElseThrow();
      assertTrue(manifest.isAligned());
      assertEquals(Pooling.CODON, manifest.pooling());
      assertEquals(9, manifest.width());
      assertEquals("models/dna + models/rna", manifest.model().id());
      assertEquals(DType.FLOAT16, manifest.precision().stored());
      assertEquals(backend.engine(), manifest.engine());
      assertEquals(6, manifest.count(StoreManifest.SEQUENCES));
      assertEquals(5, manifest.count(StoreManifest.UNIQUE));
      AlignedStream dna = manifest.streams().getFirst();
      assertEquals("a0".repeat(32), dna.sha256());
      assertEquals(DType.BFLOAT16, dna.precision().stored());
      assertEquals(AlignedStream.WINDOW, dna.windows());
      assertEquals(null, manifest.streams().getLast().windows());
    }
    Map<String, float[]> expected = fixture.expected(List.of(DNA, RNA), Optional.empty());
    expected
        .values()
        .forEach(
            values -> {
              for (int i = 0; i < values.length; i++) {
                values[i] = AlignmentFixture.rounded(DType.FLOAT16, values[i]);
              }
            });
    assertRows(expected, output, 4e-3f);
  }

  @Test
  void aManifestWhoseStreamsDoNotFitIsNone() throws IOException {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    Path output = folder.resolve("aligned");
    try (Backend backend = TestBackends.open("scalar")) {
      align(backend, settings(stores(fixture, RNA)), fixture.dataset(), output);
    }
    Path file = output.resolve("manifest.json");
    Files.writeString(file, Files.readString(file).replaceFirst("\"width\" : 4", "\"width\" : 3"));
    assertEquals(
        file
            + ": not the manifest of an embedding store (field 'streams' is incomplete or of"
            + " another width); name a directory that 'codonfuse embed' wrote.",
        assertThrows(CodonfuseException.class, () -> StoreManifest.read(file)).getMessage());
  }

  /** Stores of codons and windows give what stores of tokens give. */
  @Test
  void rowsThatAreAlignedAlreadyAreTakenAsTheyAre() {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    Dataset dataset = fixture.dataset();
    List<CodingSequence> sequences = dataset.examples().stream().map(Example::sequence).toList();
    EmbeddingFixture encoders = new EmbeddingFixture(folder);
    try (Backend backend = TestBackends.open("scalar")) {
      for (boolean tokens : new boolean[] {true, false}) {
        List<EmbeddingStore> stores = new ArrayList<>();
        for (EncoderFamily family : EncoderFamily.values()) {
          Molecule molecule = family.molecule();
          Pooling aligned = molecule == Molecule.DNA ? Pooling.WINDOW : Pooling.CODON;
          Path store = folder.resolve(molecule + "-" + tokens);
          try (Encoder encoder = encoders.encoder(backend, family)) {
            EmbeddingFixture.run(
                encoder,
                backend,
                EmbeddingInputs.of(
                    molecule, sequences, org.codonfuse.sequence.GeneticCode.standard()),
                EmbeddingSettings.of(tokens ? Pooling.NONE : aligned),
                store);
          }
          stores.add(StoredSequences.open(molecule, store));
        }
        open.addAll(stores);
        align(backend, settings(stores), dataset, folder.resolve("aligned-" + tokens));
      }
    }
    assertRows(rows(folder.resolve("aligned-true")), folder.resolve("aligned-false"), TOLERANCE);
  }

  @Test
  void anInterruptedRunIsGoneOnWithAndGivesTheSameBytes() throws IOException {
    AlignmentFixture fixture = new AlignmentFixture(folder, many());
    List<EmbeddingStore> stores = stores(fixture, DNA, RNA, PROTEIN);
    Path whole = folder.resolve("whole");
    Path resumed = folder.resolve("resumed");
    try (Backend backend = TestBackends.open("scalar")) {
      align(backend, settings(stores), fixture.dataset(), whole);
      assertThrows(
          IllegalStateException.class,
          () ->
              AlignmentJob.run(
                  backend,
                  settings(stores),
                  fixture.dataset(),
                  resumed,
                  EmbeddingJobTest.watcher(
                      new Runnable() {
                        private int steps;

                        @Override
                        public void run() {
                          if (++steps == 4) {
                            throw new IllegalStateException("stop");
                          }
                        }
                      }),
                  new EmbeddingPlan.Limits(1 << 20, 40, 4)));
      assertThrows(CodonfuseException.class, () -> EmbeddingStore.open(resumed));
      AlignmentReport report = align(backend, settings(stores), fixture.dataset(), resumed);
      assertTrue(report.alignedRows() < report.rows());
    }
    Map<String, byte[]> expected = files(whole);
    Map<String, byte[]> found = files(resumed);
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((file, bytes) -> assertArrayEquals(bytes, found.get(file), file));
  }

  @Test
  void shardsMergeToTheWhole() {
    AlignmentFixture fixture = new AlignmentFixture(folder, many());
    List<EmbeddingStore> stores = stores(fixture, DNA, RNA);
    Path output = folder.resolve("aligned");
    List<Path> shards = new ArrayList<>();
    try (Backend backend = TestBackends.open("scalar")) {
      for (int index = 1; index <= 2; index++) {
        AlignmentSettings settings =
            new AlignmentSettings(
                stores, Optional.empty(), DType.FLOAT32, Optional.of(new Shard(index, 2)), "test");
        shards.add(align(backend, settings, fixture.dataset(), output).store());
      }
      StoreMerge.write(output, shards, Progress.NONE);
      AlignmentReport whole = align(backend, settings(stores), fixture.dataset(), output);
      assertEquals(0, whole.alignedRows());
    }
    assertRows(fixture.expected(List.of(DNA, RNA), Optional.empty()), output, TOLERANCE);
  }

  @Test
  void whatAnEncoderCutIsCutInAllStreams() {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    Spec cut = new Spec(Molecule.RNA, DType.FLOAT32, 4, 12);
    EmbeddingStore rna = fixture.store(cut, (_, tokens) -> Math.min(10, tokens.length()));
    open.add(rna);
    List<EmbeddingStore> stores = new ArrayList<>(List.of(rna));
    stores.addAll(stores(fixture, PROTEIN));
    Path output = folder.resolve("aligned");
    try (Backend backend = TestBackends.open("scalar")) {
      AlignmentReport report = align(backend, settings(stores), fixture.dataset(), output);
      assertEquals(3, report.cutSequences());
      assertEquals(3 * 7, rows(output).get("s0").length);
      assertEquals(2 * 7, rows(output).get("s1").length);
      assertEquals(3, StoreManifest.of(output).orElseThrow().count(AlignmentJob.CUT_SEQUENCES));
    }
  }

  @Test
  void storesThatDisagreeAreNamed() {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    EmbeddingStore rna =
        fixture.store(
            RNA, (s, tokens) -> s.id().equals("s0") ? tokens.length() - 3 : tokens.length());
    open.add(rna);
    List<EmbeddingStore> stores = new ArrayList<>(stores(fixture, DNA));
    stores.add(rna);
    try (Backend backend = TestBackends.open("scalar")) {
      assertEquals(
          "Sequence 's0' has 5 codons in "
              + folder.resolve("rna")
              + " and 6 in "
              + folder.resolve("dna")
              + ", and was not too long for the encoder; embed it again.",
          refusal(backend, stores, fixture.dataset()));
      assertEquals(
          "Sequence 's0' has 5 codons in "
              + folder.resolve("rna")
              + " and 6 in the input, and was not too long for the encoder; embed it again.",
          refusal(backend, List.of(rna), fixture.dataset()));
    }
  }

  private String refusal(Backend backend, List<EmbeddingStore> stores, Dataset dataset) {
    Path output = folder.resolve("refused");
    String message =
        assertThrows(
                CodonfuseException.class, () -> align(backend, settings(stores), dataset, output))
            .getMessage();
    assertTrue(Files.notExists(output));
    return message;
  }

  @Test
  void rowsThatAreNotNumbersNameTheirStoreAndSequence() {
    AlignmentFixture fixture = new AlignmentFixture(folder, FEW);
    List<EmbeddingStore> stores = stores(fixture, DNA, RNA);
    EmbeddingStore rna = stores.getLast();
    rna.close();
    int part = rna.entries().getFirst().part();
    Path file = rna.directory().resolve("part-%05d.safetensors".formatted(part));
    try {
      byte[] bytes = Files.readAllBytes(file);
      long size =
          2L
              * RNA.width()
              * rna.entries().stream()
                  .filter(entry -> entry.part() == part)
                  .mapToLong(entry -> entry.row() + entry.rows())
                  .max()
                  .orElseThrow();
      int at = (int) (bytes.length - size + 2 * RNA.width() * rna.entries().getFirst().row());
      bytes[at] = 0;
      bytes[at + 1] = 0x7e;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    EmbeddingStore damaged = EmbeddingStore.open(rna.directory());
    open.add(damaged);
    try (Backend backend = TestBackends.open("scalar")) {
      String message =
          assertThrows(
                  CodonfuseException.class,
                  () ->
                      align(
                          backend,
                          settings(List.of(stores.getFirst(), damaged)),
                          fixture.dataset(),
                          folder.resolve("aligned")))
              .getMessage();
      assertEquals(
          rna.directory()
              + ": the rows of sequence 's0' are not numbers; check the store with 'codonfuse store"
              + " verify'.",
          message);
    }
  }
}
