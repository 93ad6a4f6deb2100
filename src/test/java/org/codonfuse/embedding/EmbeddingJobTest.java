package org.codonfuse.embedding;

import static org.codonfuse.embedding.EmbeddingFixture.SMALL_PARTS;
import static org.codonfuse.embedding.EmbeddingFixture.WIDTH;
import static org.codonfuse.embedding.EmbeddingFixture.files;
import static org.codonfuse.embedding.EmbeddingFixture.inputs;
import static org.codonfuse.embedding.EmbeddingFixture.random;
import static org.codonfuse.embedding.EmbeddingFixture.rows;
import static org.codonfuse.embedding.EmbeddingFixture.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.ElementBytes;
import org.codonfuse.compute.torch.TorchBackend;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.embedding.store.StoreMerge;
import org.codonfuse.embedding.store.StoreVerification;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(TestBackends.TAG)
class EmbeddingJobTest {
  private static final float TOLERANCE = 1e-5f;
  private static final EmbeddingSettings TOKENS = EmbeddingSettings.of(Pooling.NONE);

  @TempDir Path temporary;
  private EmbeddingFixture fixture;
  private Path store;

  @BeforeEach
  void folders() {
    fixture = new EmbeddingFixture(temporary);
    store = temporary.resolve("store");
  }

  /** Calls back when work is reported. */
  static Progress watcher(Runnable onStep) {
    return (_, _) ->
        new Progress.Task() {
          @Override
          public void step(long count) {
            onStep.run();
          }

          @Override
          public void message(String text) {}

          @Override
          public void close() {}
        };
  }

  @OnEveryBackend
  void whatASequenceIsBatchedWithMakesNoDifference(String name) {
    for (EncoderFamily family : EncoderFamily.values()) {
      try (Backend backend = TestBackends.open(name);
          Encoder encoder = fixture.encoder(backend, family)) {
        EmbeddingInputs inputs = inputs(encoder, random(12, 1));
        Path together = temporary.resolve(family + "-together");
        Path alone = temporary.resolve(family + "-alone");
        run(encoder, backend, inputs, TOKENS, together);
        run(encoder, backend, inputs, TOKENS.withTokensPerBatch(1), alone);
        Map<String, float[]> expected = rows(alone);
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(rows(together).keySet()));
        rows(together)
            .forEach((id, values) -> assertArrayEquals(expected.get(id), values, TOLERANCE, id));
        assertEquals(List.of(), StoreVerification.of(together, Progress.NONE));
      }
    }
  }

  @Test
  void equalSequencesAreComputedOnceAndKeepTheirPlaceInTheIndex() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.ESM2)) {
      // The first and third are different mRNAs of one protein.
      EmbeddingInputs inputs = inputs(encoder, "AUGGCU", "GCUGCUGCU", "AUGGCC", "AUGGCU");
      EmbeddingReport report = run(encoder, backend, inputs, TOKENS, store);
      assertEquals(4, report.sequences());
      assertEquals(2, report.unique());
      assertEquals(2, report.computedSequences());
      assertEquals(4 + 5, report.computedTokens());
      assertEquals(2 + 3, report.rows());
      Map<String, float[]> rows = rows(store);
      assertEquals(List.of("s0", "s1", "s2", "s3"), List.copyOf(rows.keySet()));
      assertArrayEquals(rows.get("s0"), rows.get("s2"));
      assertArrayEquals(rows.get("s0"), rows.get("s3"));
      try (EmbeddingStore opened = EmbeddingStore.open(store)) {
        assertEquals(opened.entries().get(0).row(), opened.entries().get(3).row());
        assertEquals(2, opened.manifest().count(StoreManifest.UNIQUE));
      }
    }
  }

  @Test
  void anInterruptedRunIsGoneOnWithAndGivesTheSameBytes() throws IOException {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.RNA_FM)) {
      EmbeddingInputs inputs = inputs(encoder, random(30, 2));
      Path whole = temporary.resolve("whole");
      EmbeddingSettings settings = TOKENS.withTokensPerBatch(40);
      run(encoder, backend, inputs, settings, whole);
      assertTrue(files(whole).size() > 2 + 5, "several parts");
      RuntimeException failure = new IllegalStateException("stop");
      for (int batches : new int[] {1, 4, 9}) {
        int[] steps = {0};
        Progress stopping =
            watcher(
                () -> {
                  if (++steps[0] == batches) {
                    throw failure;
                  }
                });
        assertSame(
            failure,
            assertThrows(
                IllegalStateException.class,
                () ->
                    EmbeddingJob.run(
                        backend, encoder, inputs, settings, store, stopping, SMALL_PARTS)));
        var incomplete =
            assertThrows(CodonfuseException.class, () -> EmbeddingStore.open(store).close());
        assertTrue(incomplete.getMessage().startsWith(store.toString()), incomplete.getMessage());
      }
      EmbeddingReport rest = run(encoder, backend, inputs, settings, store);
      assertTrue(rest.computedSequences() < rest.unique(), "complete parts are kept");
      Map<String, byte[]> expected = files(whole);
      assertEquals(expected.keySet(), files(store).keySet());
      files(store).forEach((name, bytes) -> assertArrayEquals(expected.get(name), bytes, name));
      EmbeddingReport again = run(encoder, backend, inputs, settings, store);
      assertEquals(0, again.computedSequences());
      assertEquals(rest.rows(), again.rows());
    }
  }

  @Test
  void aFailureOfTheWriterEndsTheRun() throws IOException {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.RNA_FM)) {
      EmbeddingInputs inputs = inputs(encoder, random(30, 2));
      Progress obstructing =
          watcher(
              () -> {
                try {
                  Files.createDirectories(store.resolve("part-00003.safetensors").resolve("x"));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      var e =
          assertThrows(
              CodonfuseException.class,
              () ->
                  EmbeddingJob.run(
                      backend, encoder, inputs, TOKENS, store, obstructing, SMALL_PARTS));
      assertTrue(e.getMessage().contains(store.toString()), e.getMessage());
      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().equals("codonfuse-writer")));
    }
  }

  @Test
  void aDamagedStoreIsMended() throws IOException {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.RNA_FM)) {
      EmbeddingInputs inputs = inputs(encoder, random(30, 2));
      EmbeddingReport whole = run(encoder, backend, inputs, TOKENS, store);
      Map<String, byte[]> before = files(store);
      Path part = store.resolve("part-00001.safetensors");
      byte[] bytes = Files.readAllBytes(part);
      bytes[bytes.length - 1] ^= 1;
      Files.write(part, bytes);
      EmbeddingReport mended = run(encoder, backend, inputs, TOKENS, store);
      assertTrue(mended.computedSequences() > 0);
      assertTrue(mended.computedSequences() < whole.computedSequences());
      files(store).forEach((name, now) -> assertArrayEquals(before.get(name), now, name));
    }
  }

  @Test
  void otherSettingsAreRefusedWithTheDifference() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.RNA_FM)) {
      EmbeddingInputs inputs = inputs(encoder, "AUGGCU");
      run(encoder, backend, inputs, TOKENS, store);
      EmbeddingSettings codons = EmbeddingSettings.of(Pooling.CODON);
      var e =
          assertThrows(
              CodonfuseException.class, () -> run(encoder, backend, inputs, codons, store));
      assertTrue(
          e.getMessage().contains("--pool is codon where the store has none"), e.getMessage());
    }
  }

  @Test
  void shardsMergedEqualTheWhole() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2)) {
      EmbeddingInputs inputs = inputs(encoder, random(20, 3));
      run(encoder, backend, inputs, TOKENS, store);
      List<Path> shards = new ArrayList<>();
      long sequences = 0;
      for (int i = 1; i <= 3; i++) {
        Optional<Shard> shard = Optional.of(new Shard(i, 3));
        Path output = temporary.resolve("cut");
        EmbeddingReport report = run(encoder, backend, inputs, TOKENS.withShard(shard), output);
        assertEquals(temporary.resolve("cut.shard-" + i + "-of-3"), report.store());
        shards.add(report.store());
        sequences += report.sequences();
      }
      assertEquals(20, sequences);
      Path merged = temporary.resolve("merged");
      StoreMerge.write(merged, shards, Progress.NONE);
      Map<String, float[]> expected = rows(store);
      Map<String, float[]> actual = rows(merged);
      assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
      actual.forEach((id, values) -> assertArrayEquals(expected.get(id), values, TOLERANCE, id));
      EmbeddingReport again = run(encoder, backend, inputs, TOKENS, merged);
      assertEquals(0, again.computedSequences(), "a merged store is one of the same settings");
    }
  }

  @Test
  void whereMemoryDoesNotSufficeBatchesGetSmaller() {
    try (Backend backend = TestBackends.open("scalar")) {
      Backend small = FailingBackend.limited(backend, DeviceException.Kind.OUT_OF_MEMORY, 70);
      try (Encoder encoder = fixture.encoder(small, EncoderFamily.RNA_FM);
          Encoder whole = fixture.encoder(backend, EncoderFamily.RNA_FM)) {
        EmbeddingPlan.Limits limits = EmbeddingPlan.Limits.DEFAULT;
        EmbeddingInputs inputs = inputs(encoder, random(25, 4));
        EmbeddingReport report =
            EmbeddingJob.run(small, encoder, inputs, TOKENS, store, Progress.NONE, limits);
        assertEquals(report.unique(), report.computedSequences());
        Path other = temporary.resolve("other");
        EmbeddingJob.run(backend, whole, inputs, TOKENS, other, Progress.NONE, limits);
        Map<String, float[]> expected = rows(other);
        rows(store).forEach((id, v) -> assertArrayEquals(expected.get(id), v, TOLERANCE, id));
      }
    }
  }

  @Test
  void aSequenceThatDoesNotFitIntoMemoryAloneIsNamed() {
    try (Backend backend = TestBackends.open("scalar")) {
      Backend small = FailingBackend.limited(backend, DeviceException.Kind.OUT_OF_MEMORY, 9);
      try (Encoder encoder = fixture.encoder(small, EncoderFamily.RNA_FM)) {
        EmbeddingInputs inputs = inputs(encoder, "AUG", "AUGGCUGCU", "GCU");
        var e =
            assertThrows(
                CodonfuseException.class, () -> run(encoder, small, inputs, TOKENS, store));
        assertTrue(e.getMessage().contains("'s1' (11 tokens)"), e.getMessage());
      }
      Backend gone = FailingBackend.limited(backend, DeviceException.Kind.UNAVAILABLE, 9);
      try (Encoder encoder = fixture.encoder(gone, EncoderFamily.RNA_FM)) {
        EmbeddingInputs inputs = inputs(encoder, "AUG", "AUGGCUGCU", "GCU");
        assertThrows(DeviceException.class, () -> run(encoder, gone, inputs, TOKENS, store));
      }
    }
  }

  @OnEveryBackend
  void rowsAreRoundedToTheStoredType(String name) {
    try (Backend backend = TestBackends.open(name);
        Encoder encoder = fixture.encoder(backend, EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2)) {
      EmbeddingInputs inputs = inputs(encoder, random(10, 5));
      for (Pooling pooling : Pooling.values()) {
        EmbeddingSettings settings = EmbeddingSettings.of(pooling);
        Path exact = temporary.resolve(pooling + "-exact");
        run(encoder, backend, inputs, settings, exact);
        for (DType type : List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)) {
          Path rounded = temporary.resolve(pooling + "-" + type);
          run(encoder, backend, inputs, settings.withStored(type), rounded);
          Map<String, float[]> actual = rows(rounded);
          rows(exact)
              .forEach(
                  (id, values) -> {
                    for (int i = 0; i < values.length; i++) {
                      values[i] = ElementBytes.round(values[i], type);
                    }
                    assertArrayEquals(values, actual.get(id), id);
                  });
        }
      }
    }
  }

  @OnEveryBackend
  void embeddingsThatAreNotNumbersAreSaidToBeOfDamagedWeights(String name) {
    long before = TorchBackend.liveHandles();
    try (Backend backend = TestBackends.open(name)) {
      Backend wrong = FailingBackend.scaled(backend, Float.NaN);
      try (Encoder encoder = fixture.encoder(wrong, EncoderFamily.RNA_FM)) {
        EmbeddingInputs inputs = inputs(encoder, random(30, 2));
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT16)) {
          Path output = temporary.resolve("damaged-" + type);
          EmbeddingSettings settings = TOKENS.withStored(type).withTokensPerBatch(40);
          var e =
              assertThrows(
                  CodonfuseException.class, () -> run(encoder, wrong, inputs, settings, output));
          String damaged =
              ".*: its embeddings of sequence 's\\d+' are not numbers; the weights are damaged: .*";
          assertTrue(e.getMessage().matches(damaged), e.getMessage());
          var m =
              assertThrows(
                  CodonfuseException.class,
                  () -> MemoryEmbeddings.compute(wrong, encoder, inputs, settings, Progress.NONE));
          assertTrue(m.getMessage().matches(damaged), m.getMessage());
        }
      }
    }
    assertEquals(before, TorchBackend.liveHandles());
  }

  @OnEveryBackend
  void anEmbeddingThatItsTypeCannotHoldIsNamed(String name) throws IOException {
    long before = TorchBackend.liveHandles();
    try (Backend backend = TestBackends.open(name)) {
      Backend large = FailingBackend.scaled(backend, 1e6f);
      try (Encoder encoder = fixture.encoder(large, EncoderFamily.RNA_FM)) {
        EmbeddingInputs inputs = inputs(encoder, random(30, 2));
        EmbeddingSettings settings = TOKENS.withTokensPerBatch(40);
        run(encoder, large, inputs, settings, temporary.resolve("exact"));
        Map<String, float[]> exact = rows(temporary.resolve("exact"));
        EmbeddingSettings halves = settings.withStored(DType.FLOAT16);
        var e =
            assertThrows(
                CodonfuseException.class, () -> run(encoder, large, inputs, halves, store));
        Matcher told =
            Pattern.compile("Sequence '(\\w+)' has an embedding of (\\S+), more than the 65504 .*")
                .matcher(e.getMessage());
        assertTrue(told.matches(), e.getMessage());
        float value = Float.parseFloat(told.group(2));
        assertTrue(Math.abs(value) >= 65520, told.group(2));
        boolean there = false;
        for (float each : exact.get(told.group(1))) {
          there |= each == value;
        }
        assertTrue(there, e.getMessage());
        assertTrue(
            files(store).keySet().stream().noneMatch(file -> file.endsWith(".new.part")),
            "nothing half is left");
        assertThrows(
            CodonfuseException.class,
            () -> MemoryEmbeddings.compute(large, encoder, inputs, halves, Progress.NONE));
      }
    }
    assertEquals(before, TorchBackend.liveHandles());
  }

  @Test
  void nothingIsStoredForWindowsOfResidues() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.ESM2)) {
      EmbeddingInputs inputs = inputs(encoder, "AUGGCU");
      EmbeddingSettings windows = EmbeddingSettings.of(Pooling.WINDOW);
      assertThrows(UsageException.class, () -> run(encoder, backend, inputs, windows, store));
      assertTrue(Files.notExists(store));
    }
  }

  @Test
  void theManifestSaysWhatTheRowsAre() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2)) {
      EmbeddingSettings settings =
          EmbeddingSettings.of(Pooling.MEAN)
              .withStored(DType.FLOAT16)
              .withOrigin(
                  new EmbeddingSettings.Origin("1.2", Optional.of("nt"), Optional.of("abc")));
      run(encoder, backend, inputs(encoder, random(9, 6)), settings, store);
      try (EmbeddingStore opened = EmbeddingStore.open(store)) {
        StoreManifest manifest = opened.manifest();
        assertEquals("1.2", manifest.codonfuse());
        assertEquals("nt", manifest.model().id());
        assertEquals("abc", manifest.model().revision());
        assertEquals(encoder.fingerprint(), manifest.model().sha256());
        assertEquals("kmer", manifest.tokenizer());
        assertEquals("last", manifest.layer());
        assertEquals(Pooling.MEAN, manifest.pooling());
        assertEquals(
            new StoreManifest.Precisions(DType.FLOAT32, DType.FLOAT16), manifest.precision());
        assertEquals(WIDTH, manifest.width());
        assertEquals(9, manifest.count(StoreManifest.SEQUENCES));
        opened.entries().forEach(entry -> assertEquals(1, entry.rows()));
      }
    }
  }
}
