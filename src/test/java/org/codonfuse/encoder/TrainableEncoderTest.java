package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag(TestBackends.TAG)
class TrainableEncoderTest {
  private static final Path ENCODERS = Golden.directory().resolve("encoders");
  private static final Path ESM2 = ENCODERS.resolve("esm2");
  private static final String PREFIX = "encoder.protein.";

  private TrainableBackend backend;

  @BeforeEach
  void open() {
    backend = TestBackends.openTrainable();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({
    "query-value, false",
    "query-value, true",
    "all-linear-rslora, false",
    "all-linear-rslora, true"
  })
  void hiddenStatesAndGradientsOfAdaptersEqualTheReference(String golden, boolean checkpointed)
      throws IOException {
    Path directory = Golden.directory().resolve("lora").resolve(golden);
    try (TrainableEncoder encoder =
            load(ESM2, new Tuning.Lora(settings(directory), 0), checkpointed);
        Parameters parameters = Parameters.initialiseTrainable(backend, encoder.parameters(), 1);
        SafetensorsFile expected =
            SafetensorsFile.open(directory.resolve("expected.safetensors"))) {
      assign(parameters, directory);
      List<Tokens> cases = cases(encoder, ESM2);
      for (Mode mode : List.of(Mode.INFERENCE, Mode.TRAINING)) {
        for (int i = 0; i < cases.size(); i++) {
          String name = "case." + i + ".last_hidden_state";
          try (Scope _ = backend.openScope(mode)) {
            TrainableEncoder.Pass pass =
                encoder.forward(parameters, List.of(cases.get(i)), mode, Precision.FLOAT32, 1);
            assertEquals(expected.info(name).shape(), pass.hidden().shape());
            assertArrayEquals(
                expected.floats(name),
                pass.hidden().toFloats(),
                TestBackends.tolerance(2e-5f),
                name);
          }
        }
      }
      Map<String, float[]> gradients =
          gradients(encoder, parameters, List.of(cases.get(1)), 1, Mode.TRAINING);
      long compared =
          expected.names().stream()
              .filter(name -> name.startsWith("grad."))
              .peek(
                  name ->
                      assertClose(
                          expected.floats(name), gradients.get(ours(name.substring(5))), name))
              .count();
      assertEquals(gradients.size(), compared);
    }
  }

  /** In a batch of several sequences, with dropout, on every architecture. */
  @ParameterizedTest
  @ValueSource(strings = {"esm2", "nucleotide-transformer-v2", "rna-fm-multimolecule"})
  void checkpointsChangeNoGradient(String model) throws IOException {
    LoraSettings lora = new LoraSettings(4, 8, 0.3, false, List.of("query", "value", "dense"));
    for (Tuning tuning :
        List.of(
            new Tuning.Lora(lora, 0),
            new Tuning.Lora(lora, 1),
            new Tuning.Lora(lora.withTargets(List.of("encoder.layer.1.attention.self.query")), 0),
            new Tuning.Full(0),
            new Tuning.Full(2))) {
      Map<String, float[]> whole = gradients(ENCODERS.resolve(model), tuning, false);
      Map<String, float[]> checkpointed = gradients(ENCODERS.resolve(model), tuning, true);
      assertEquals(whole.keySet(), checkpointed.keySet());
      whole.forEach((name, gradient) -> assertClose(gradient, checkpointed.get(name), name));
    }
  }

  private Map<String, float[]> gradients(Path model, Tuning tuning, boolean checkpointed)
      throws IOException {
    try (TrainableEncoder encoder = load(model, tuning, checkpointed);
        Parameters parameters = startedParameters(encoder)) {
      return gradients(encoder, parameters, cases(encoder, model), 7, Mode.TRAINING);
    }
  }

  /** Central differences in the direction of the gradient and in a random one. */
  @ParameterizedTest
  @ValueSource(strings = {"esm2", "nucleotide-transformer-v2", "rna-fm-multimolecule"})
  void gradientsOfAllWeightsAreThoseOfTheLoss(String model) throws IOException {
    Path directory = ENCODERS.resolve(model);
    try (TrainableEncoder encoder = load(directory, new Tuning.Full(0), false);
        Parameters parameters = Parameters.initialiseTrainable(backend, encoder.parameters(), 1)) {
      List<Tokens> batch = cases(encoder, directory).subList(0, 2);
      Map<String, float[]> gradients = gradients(encoder, parameters, batch, 1, Mode.GRADIENT);
      Map<String, float[]> start = parameters.snapshot();
      double square = 0;
      for (float[] gradient : gradients.values()) {
        for (float g : gradient) {
          square += (double) g * g;
        }
      }
      double step = 1e-3 / Math.sqrt(square);
      double above = moved(encoder, parameters, batch, start, gradients, step);
      double below = moved(encoder, parameters, batch, start, gradients, -step);
      assertEquals(square, (above - below) / (2 * step), 0.01 * square);
    }
  }

  private double moved(
      TrainableEncoder encoder,
      Parameters parameters,
      List<Tokens> batch,
      Map<String, float[]> start,
      Map<String, float[]> direction,
      double step) {
    Map<String, float[]> values = new LinkedHashMap<>();
    start.forEach(
        (name, from) -> {
          float[] to = from.clone();
          for (int i = 0; i < to.length; i++) {
            to[i] += (float) (step * direction.get(name)[i]);
          }
          values.put(name, to);
        });
    parameters.restore(backend, values);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      return loss(encoder.forward(parameters, batch, Mode.INFERENCE, Precision.FLOAT32, 1).hidden())
          .item();
    }
  }

  @Test
  void fullTuningStartsAsTheEncoderAndLearnsAllOfIt() throws IOException {
    try (TrainableEncoder encoder = load(ESM2, new Tuning.Full(0), false);
        Encoder published = Encoder.load(backend, ESM2);
        PublishedEncoder files = PublishedEncoder.open(ESM2);
        Parameters parameters = Parameters.initialiseTrainable(backend, encoder.parameters(), 1)) {
      assertEquals(files.parameters(), parameters.count());
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        List<Tokens> batch = cases(encoder, ESM2);
        assertArrayEquals(
            published.forward(batch).toFloats(),
            encoder
                .forward(parameters, batch, Mode.INFERENCE, Precision.FLOAT32, 1)
                .hidden()
                .toFloats(),
            TestBackends.tolerance(2e-5f));
      }
    }
  }

  /** Where nothing is differentiated, a deep encoder would hold what every layer reads. */
  @Test
  void inferenceLeavesTheLastHiddenStatesAlone() throws IOException {
    LoraSettings lora = new LoraSettings(4, 8, 0, false, List.of("query"));
    try (TrainableEncoder encoder = load(ESM2, new Tuning.Lora(lora, 0), true);
        Parameters parameters = startedParameters(encoder);
        Scope scope = backend.openScope(Mode.INFERENCE)) {
      List<Tokens> batch = cases(encoder, ESM2);
      Tensor hidden =
          encoder.forward(parameters, batch, Mode.INFERENCE, Precision.FLOAT32, 1).hidden();
      assertEquals(encoder.config().hiddenSize(), hidden.shape().dim(1));
      // What comes out of the last layer, and that normalised.
      assertTrue(scope.size() <= 2, scope.size() + " tensors are left");
    }
  }

  @Test
  void frozenLayersHaveNoParameters() throws IOException {
    LoraSettings lora = new LoraSettings(4, 8, 0, false, List.of("query"));
    try (TrainableEncoder adapted = load(ESM2, new Tuning.Lora(lora, 1), false);
        TrainableEncoder full = load(ESM2, new Tuning.Full(1), false)) {
      Stream.of(adapted, full)
          .flatMap(encoder -> encoder.parameters().stream())
          .forEach(
              spec -> {
                assertFalse(spec.name().contains("layer.0."), spec.name());
                assertFalse(spec.name().contains("embeddings."), spec.name());
              });
      assertTrue(
          full.parameters().stream().anyMatch(spec -> spec.name().endsWith("layer.1.norm.bias")));
    }
  }

  /** In bfloat16, too, with the tolerance that it leaves. */
  @Test
  void gradientsInReducedPrecisionPointTheSameWay() throws IOException {
    LoraSettings lora = new LoraSettings(4, 8, 0, false, List.of("query", "value"));
    try (TrainableEncoder encoder = load(ESM2, new Tuning.Lora(lora, 0), true);
        Parameters parameters = startedParameters(encoder)) {
      List<Tokens> batch = cases(encoder, ESM2);
      Map<String, float[]> exact = gradients(encoder, parameters, batch, 1, Mode.TRAINING);
      Map<String, float[]> rounded =
          gradients(encoder, parameters, batch, 1, Mode.TRAINING, Precision.BFLOAT16);
      double dot = 0;
      double first = 0;
      double second = 0;
      for (String name : exact.keySet()) {
        for (int i = 0; i < exact.get(name).length; i++) {
          dot += (double) exact.get(name)[i] * rounded.get(name)[i];
          first += Math.pow(exact.get(name)[i], 2);
          second += Math.pow(rounded.get(name)[i], 2);
        }
      }
      assertTrue(dot / Math.sqrt(first * second) > 0.99);
    }
  }

  private TrainableEncoder load(Path model, Tuning tuning, boolean checkpointed) {
    return TrainableEncoder.load(
        backend, model, new TrainableEncoder.Settings(tuning, false, PREFIX, checkpointed));
  }

  /** Parameters whose updates are not zero. */
  private Parameters startedParameters(TrainableEncoder encoder) {
    Parameters parameters = Parameters.initialiseTrainable(backend, encoder.parameters(), 1);
    Map<String, float[]> values = parameters.snapshot();
    values.forEach(
        (name, of) -> {
          if (name.endsWith("lora_B.weight")) {
            for (int i = 0; i < of.length; i++) {
              of[i] = 0.1f * ((i * 7919) % 13 - 6);
            }
          }
        });
    parameters.restore(backend, values);
    return parameters;
  }

  private Map<String, float[]> gradients(
      TrainableEncoder encoder, Parameters parameters, List<Tokens> batch, long seed, Mode mode) {
    return gradients(encoder, parameters, batch, seed, mode, Precision.FLOAT32);
  }

  private Map<String, float[]> gradients(
      TrainableEncoder encoder,
      Parameters parameters,
      List<Tokens> batch,
      long seed,
      Mode mode,
      Precision products) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    try (var optimizer =
            backend.adam(parameters.tensors(), org.codonfuse.compute.AdamOptions.of(1e-3, 0));
        Scope _ = backend.openScope(mode, products)) {
      optimizer.zeroGradients();
      TrainableEncoder.Pass pass = encoder.forward(parameters, batch, mode, products, seed);
      backend.backward(loss(pass.hidden()));
      pass.backward();
      for (String name : parameters.names()) {
        gradients.put(name, backend.gradient(parameters.get(name)).orElseThrow().toFloats());
      }
    }
    return gradients;
  }

  private Tensor loss(Tensor hidden) {
    Tensor squares = backend.binary(Binary.MULTIPLY, hidden, hidden);
    return backend.mean(backend.reshape(squares, Shape.of(hidden.shape().size())), 0);
  }

  private void assign(Parameters parameters, Path adapter) {
    try (SafetensorsFile file =
        SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
      Map<String, float[]> values = new LinkedHashMap<>();
      file.names().forEach(name -> values.put(ours(name), file.floats(name)));
      assertEquals(List.copyOf(parameters.names()).size(), values.size());
      parameters.restore(backend, values);
    }
  }

  /** PEFT's name of a factor in ours. */
  private static String ours(String peft) {
    return peft.replace("base_model.model.encoder.", PREFIX)
        .replace("attention.self.", "attention.")
        .replace(".dense.", ".");
  }

  private static LoraSettings settings(Path adapter) throws IOException {
    JsonNode json =
        JsonMapper.builder().build().readTree(adapter.resolve("adapter_config.json").toFile());
    List<String> targets = new ArrayList<>();
    json.get("target_modules").forEach(target -> targets.add(target.asText()));
    return new LoraSettings(
        json.get("r").asInt(),
        json.get("lora_alpha").asDouble(),
        json.get("lora_dropout").asDouble(),
        json.get("use_rslora").asBoolean(),
        targets);
  }

  private static List<Tokens> cases(TrainableEncoder encoder, Path model) throws IOException {
    List<Tokens> tokens = new ArrayList<>();
    for (JsonNode golden :
        JsonMapper.builder().build().readTree(model.resolve("cases.json").toFile())) {
      tokens.add(encoder.tokenizer().tokenize(golden.get("sequence").asText()));
    }
    return tokens;
  }

  private static void assertClose(float[] expected, float[] actual, String name) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, actual, 1e-4f * largest + 1e-6f, name);
  }
}
