package org.codonfuse.pretraining;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.SplitPolicy;
import org.codonfuse.token.Tokens;
import org.codonfuse.training.ScheduleSettings;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.run.DirectoryKind;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(TestBackends.TAG)
@RequiresTorch
class PretrainingTest {
  private static final Path ENCODERS = Golden.directory().resolve("encoders");

  @TempDir private Path folder;

  private TrainableBackend backend;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void open() {
    backend = TestBackends.openTrainable();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** Sequences of one letter each: the frequencies of all tell nothing, the others everything. */
  private Path fasta() {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append('>').append(i).append('\n');
      char letter = "ACGU".charAt(random.nextInt(4));
      text.repeat(letter, random.nextInt(12, 24)).append('\n');
    }
    try {
      return Files.writeString(folder.resolve("data.fasta"), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static EncoderStart fresh() {
    EncoderConfig config = EncoderFamily.RNA_FM.config(16, 1, 2, 32);
    return new EncoderStart.Fresh("tiny", EncoderFamily.RNA_FM, config);
  }

  private Pretraining.Settings settings(EncoderStart start, Tuning tuning, int epochs) {
    return new Pretraining.Settings(
        fasta(),
        new ReadOptions(
            Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
        Optional.empty(),
        GeneticCode.standard(),
        // Few different sequences: copies would nearly all be together.
        new SplitPolicy.Random(1, 0.6, 0.2),
        start,
        tuning,
        false,
        new TrainingSettings(
            epochs,
            8,
            3,
            true,
            1e-2,
            new ScheduleSettings(ScheduleSettings.Kind.PLATEAU, 1, 5, 0.5),
            0,
            1,
            epochs,
            Precision.FLOAT32,
            4),
        "test");
  }

  private Pretraining.Outcome train(Pretraining.Settings settings, Path output, Progress progress) {
    try (RunDirectory directory =
        RunDirectory.create(output, DirectoryKind.ENCODER, RunDirectory.Existing.RESUME)) {
      Pretraining.Outcome outcome =
          new Pretraining(backend, settings, progress, Duration.ZERO, notes::add)
              .execute(directory);
      directory.finish();
      return outcome;
    }
  }

  private float[] run(Path directory, EncoderLayer layer, Optional<LoraAdapter> adapter) {
    try (Backend scalar = TestBackends.open("scalar");
        Encoder encoder = Encoder.load(scalar, directory, Precision.FLOAT32, adapter);
        Scope _ = scalar.openScope(Mode.INFERENCE)) {
      Tokens tokens = encoder.tokenizer().tokenize("ACGUACGUAC");
      return encoder.forward(List.of(tokens), layer).toFloats();
    }
  }

  @Test
  void learnsFromNothingWhatFrequenciesDoNotTell() throws IOException {
    Path output = folder.resolve("encoder");

    Pretraining.Outcome outcome =
        train(settings(fresh(), new Tuning.Full(0), 12), output, Progress.NONE);

    MaskedMetrics test = outcome.metrics().get(Split.TEST);
    assertTrue(test.perplexity() < 0.6 * test.unigramPerplexity(), test.toString());
    try (PublishedEncoder published = PublishedEncoder.open(output)) {
      assertTrue(published.hasHead());
      assertEquals(outcome.parameters(), published.parameters());
    }
    float[] scores = run(output, EncoderLayer.LOGITS, Optional.empty());
    assertEquals(12 * 25, scores.length);
    JsonNode metrics = new JsonMapper().readTree(output.resolve("metrics.json").toFile());
    assertEquals(test.perplexity(), metrics.at("/test/perplexity").doubleValue());
    JsonNode config = new JsonMapper().readTree(output.resolve("pretraining.json").toFile());
    assertEquals(outcome.config().bestEpoch(), config.at("/best_epoch").intValue());
    assertEquals(0.15, config.at("/masking/chosen").doubleValue());
    assertEquals(1 + 12, Files.readAllLines(output.resolve("history.csv")).size());
    assertFalse(Files.exists(output.resolve("start")));
  }

  /** Ends the process, as far as a test can see, after an epoch. */
  private static final class Crash extends RuntimeException implements Progress, Progress.Task {
    private static final long serialVersionUID = 1;

    @Override
    public Task start(String name, long total) {
      return this;
    }

    @Override
    public void step(long count) {
      throw this;
    }

    @Override
    public void message(String text) {}

    @Override
    public void close() {}
  }

  @Test
  void goesOnAfterAnInterruptionToTheSameBits() throws IOException {
    Pretraining.Settings settings = settings(fresh(), new Tuning.Full(0), 3);
    train(settings, folder.resolve("whole"), Progress.NONE);
    Path output = folder.resolve("interrupted");

    assertThrows(Crash.class, () -> train(settings, output, new Crash()));
    assertFalse(Files.exists(output));
    train(settings, output, Progress.NONE);

    for (String name : List.of("model.safetensors", "metrics.json", "config.json")) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("whole").resolve(name)),
          Files.readAllBytes(output.resolve(name)),
          name);
    }
    assertFalse(Files.exists(folder.resolve(".interrupted.part")));
  }

  @Test
  void aModelWithoutAHeadGetsOne() {
    Path base = ENCODERS.resolve("rna-fm-multimolecule");
    Path output = folder.resolve("encoder");

    Pretraining.Outcome outcome =
        train(settings(new EncoderStart.Model(base), new Tuning.Full(1), 2), output, Progress.NONE);

    assertTrue(notes.stream().anyMatch(note -> note.contains("has no head")), notes.toString());
    assertTrue(outcome.config().freshHead());
    assertFalse(outcome.config().fresh());
    try (SafetensorsFile before = SafetensorsFile.open(base.resolve("model.safetensors"));
        SafetensorsFile after = SafetensorsFile.open(output.resolve("model.safetensors"))) {
      assertTrue(after.names().contains("lm_head.transform.dense.weight"));
      // The first layer and what is below it are frozen.
      for (String name : before.names()) {
        boolean trained =
            name.contains("encoder.layer.1.") || name.startsWith("model.encoder.layer_norm");
        float[] old = before.floats(name);
        float[] now = after.floats(name);
        assertEquals(trained, !Arrays.equals(old, now), name);
      }
    }
  }

  @Test
  void lowRankUpdatesAreWrittenApartAndMerged() {
    Path base = ENCODERS.resolve("esm2");
    Path output = folder.resolve("encoder");
    LoraSettings lora = new LoraSettings(2, 4, 0.1, false, List.of("query", "value"));

    Pretraining.Outcome outcome =
        train(
            settings(new EncoderStart.Model(base), new Tuning.Lora(lora, 0), 2),
            output,
            Progress.NONE);

    assertEquals(3 * 2 * 2 * 2 * 48, outcome.trained());
    LoraAdapter adapter = LoraAdapter.read(output.resolve("adapter"));
    float[] unmerged = run(base, EncoderLayer.LOGITS, Optional.of(adapter));
    assertArrayEquals(unmerged, run(output, EncoderLayer.LOGITS, Optional.empty()), 1e-5f);
    assertFalse(Arrays.equals(unmerged, run(base, EncoderLayer.LOGITS, Optional.empty())));
  }

  @Test
  void longSequencesAreReadAsFarAsTheEncoderReads() {
    EncoderConfig config = EncoderFamily.RNA_FM.config(16, 1, 2, 32);
    EncoderConfig shorter =
        new EncoderConfig(
            config.modelType(),
            config.hiddenSize(),
            config.layers(),
            config.heads(),
            config.intermediateSize(),
            config.vocabularySize(),
            config.padId(),
            config.maskId(),
            20,
            config.layerNormEpsilon(),
            config.rotary(),
            config.embeddingLayerNorm(),
            config.tokenDropout(),
            config.gated(),
            config.feedForwardBias());

    Pretraining.Outcome outcome =
        train(
            settings(
                new EncoderStart.Fresh("short", EncoderFamily.RNA_FM, shorter),
                new Tuning.Full(0),
                1),
            folder.resolve("encoder"),
            Progress.NONE);

    assertTrue(outcome.config().data().truncated() > 10);
    assertTrue(
        notes.stream()
            .anyMatch(note -> note.endsWith("longer than the encoder reads and truncated")),
        notes.toString());
  }
}
