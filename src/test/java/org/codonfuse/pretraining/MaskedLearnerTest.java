package org.codonfuse.pretraining;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.Seeds;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.embedding.EmbeddingInput;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.encoder.FreshEncoder;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.training.ScheduleSettings;
import org.codonfuse.training.Trainer;
import org.codonfuse.training.TrainingSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag(TestBackends.TAG)
@RequiresTorch
class MaskedLearnerTest {
  private static final int EXAMPLES = 9;
  private static final long SEED = 5;

  @TempDir private static Path folder;

  private static TrainableBackend backend;

  @BeforeAll
  static void open() {
    backend = TestBackends.openTrainable();
    FreshEncoder.write(folder, EncoderFamily.RNA_FM, EncoderFamily.RNA_FM.config(16, 2, 2, 32), 1);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static TrainableEncoder encoder(boolean checkpointed) {
    return TrainableEncoder.load(
        backend, folder, new TrainableEncoder.Settings(new Tuning.Full(0), true, "", checkpointed));
  }

  /** Sequences of 3 to 43 nucleotides. */
  private static Sequences sequences(TrainableEncoder encoder, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<EmbeddingInput> inputs = new ArrayList<>();
    for (int i = 0; i < EXAMPLES; i++) {
      StringBuilder letters = new StringBuilder();
      random.ints(3 + i * 5, 0, 5).forEach(letter -> letters.append("ACGUA".charAt(letter)));
      inputs.add(new EmbeddingInput("s" + i, letters.toString()));
    }
    return new Sequences(encoder.tokenizer(), encoder.config().maxTokens(), inputs);
  }

  private static MaskedLearner learner(TrainableEncoder encoder) {
    return new MaskedLearner(
        backend,
        encoder,
        new Masking(encoder.tokenizer()),
        sequences(encoder, 1),
        sequences(encoder, 2),
        4,
        SEED);
  }

  private record Stepped(double loss, Map<String, float[]> gradients) {}

  private static Stepped step(int microBatch, boolean checkpointed) {
    TrainingSettings settings =
        new TrainingSettings(
            1,
            EXAMPLES,
            microBatch,
            false,
            1e-30,
            new ScheduleSettings(ScheduleSettings.Kind.CONSTANT, 0, 5, 0.1),
            0,
            0,
            1,
            Precision.FLOAT32,
            3);
    try (TrainableEncoder encoder = encoder(checkpointed);
        Parameters parameters = Parameters.initialiseTrainable(backend, encoder.parameters(), 1)) {
      Trainer.Result result =
          new Trainer<>(backend, learner(encoder), settings).train(parameters, _ -> {});
      Map<String, float[]> gradients = new LinkedHashMap<>();
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        for (String name : parameters.names()) {
          gradients.put(name, backend.gradient(parameters.get(name)).orElseThrow().toFloats());
        }
      }
      return new Stepped(result.best().trainingLoss(), gradients);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "4, false", "0, true", "2, true"})
  void everyWayToComputeABatchHasItsGradients(int microBatch, boolean checkpointed) {
    Stepped whole = step(0, false);
    Stepped other = step(microBatch, checkpointed);

    assertEquals(whole.loss, other.loss, 1e-6 * whole.loss);
    whole.gradients.forEach(
        (name, expected) -> {
          float[] gradient = other.gradients.get(name);
          double square = 0;
          double difference = 0;
          for (int i = 0; i < expected.length; i++) {
            square += expected[i] * expected[i];
            difference += Math.pow(gradient[i] - expected[i], 2);
          }
          double norm = Math.max(Math.sqrt(square), 1e-4);
          assertTrue(Math.sqrt(difference) < 2e-5 * norm, name + " " + Math.sqrt(difference));
        });
  }

  /** Computed by another backend, from the scores of all tokens. */
  @Test
  void measuresTheMaskedTokensAlone() {
    MaskedMetrics metrics;
    List<MaskedTokens> masked = new ArrayList<>();
    long[] seen = new long[25];
    try (TrainableEncoder encoder = encoder(false);
        Parameters parameters = Parameters.initialiseTrainable(backend, encoder.parameters(), 1)) {
      Sequences heldOut = sequences(encoder, 2);
      metrics = learner(encoder).measure(parameters, heldOut);
      Masking masking = new Masking(encoder.tokenizer());
      for (int i = 0; i < EXAMPLES; i++) {
        masked.add(masking.mask(heldOut.tokens(i), Seeds.mix(SEED, -1, i)));
        for (int id : sequences(encoder, 1).tokens(i).ids()) {
          seen[id]++;
        }
      }
    }
    // Letters are the ids from 4 to 19; every one counts once more.
    double total = IntStream.range(4, 20).mapToLong(id -> seen[id] + 1).sum();
    double loss = 0;
    double unigram = 0;
    int right = 0;
    int tokens = 0;
    try (Backend scalar = TestBackends.open("scalar");
        Encoder encoder = Encoder.load(scalar, folder)) {
      for (MaskedTokens one : masked) {
        try (Scope _ = scalar.openScope(Mode.INFERENCE)) {
          float[] scores = encoder.forward(List.of(one.tokens()), EncoderLayer.LOGITS).toFloats();
          for (int i = 0; i < one.positions().length; i++) {
            int row = one.positions()[i] * 25;
            int original = (int) one.originals()[i];
            double sum = IntStream.range(0, 25).mapToDouble(id -> Math.exp(scores[row + id])).sum();
            loss += Math.log(sum) - scores[row + original];
            right +=
                IntStream.range(0, 25).allMatch(id -> scores[row + id] <= scores[row + original])
                    ? 1
                    : 0;
            unigram -= Math.log((seen[original] + 1) / total);
            tokens++;
          }
        }
      }
    }
    assertEquals(EXAMPLES, metrics.sequences());
    assertEquals(tokens, metrics.tokens());
    assertEquals(loss / tokens, metrics.loss(), 1e-5);
    assertEquals((double) right / tokens, metrics.accuracy(), 1e-12);
    assertEquals(unigram / tokens, metrics.unigramLoss(), 1e-9);
    assertEquals(Math.exp(metrics.loss()), metrics.perplexity());
  }
}
