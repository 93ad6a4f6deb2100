package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraFactors;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorSource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Encoders with the updates of an adapter in their weights. */
@Tag(TestBackends.TAG)
class AdaptedEncoderTest {
  private static final float TOLERANCE = TestBackends.tolerance(2e-5f);
  private static final Path ESM2 = Golden.directory().resolve("encoders/esm2");

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> hiddenStatesEqualThoseOfPeft() {
    return TestBackends.names().stream()
        .flatMap(
            backend ->
                Golden.cases("lora", LoraAdapter.CONFIG).stream()
                    .map(
                        adapter ->
                            DynamicTest.dynamicTest(
                                backend + ", " + adapter.getFileName(),
                                () -> check(backend, adapter))));
  }

  private static void check(String backendName, Path directory) throws IOException {
    Optional<LoraAdapter> adapter = Optional.of(LoraAdapter.read(directory));
    try (Backend backend = TestBackends.open(backendName);
        Encoder encoder = Encoder.load(backend, ESM2, Precision.FLOAT32, adapter);
        SafetensorsFile expected = SafetensorsFile.open(directory.resolve("expected.safetensors"));
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tokens> tokens = tokens(encoder);
      for (int i = 0; i < tokens.size(); i++) {
        String name = "case." + i + ".last_hidden_state";
        assertArrayEquals(
            expected.floats(name),
            encoder.forward(List.of(tokens.get(i))).toFloats(),
            TOLERANCE,
            name);
      }
    }
  }

  @Test
  void fingerprintsTellAdaptersApart() {
    LoraAdapter one = adapter(ESM2, "golden", Optional.empty());
    try (Backend backend = TestBackends.open(anyBackend());
        Encoder bare = Encoder.load(backend, ESM2);
        Encoder adapted = load(backend, one);
        Encoder same = load(backend, one);
        Encoder other = load(backend, adapter(ESM2, "other", Optional.empty()))) {
      assertEquals(bare.fingerprint(), bare.baseFingerprint());
      assertEquals(bare.fingerprint(), adapted.baseFingerprint());
      assertNotEquals(bare.fingerprint(), adapted.fingerprint());
      assertNotEquals(adapted.fingerprint(), other.fingerprint());
      assertEquals(adapted.fingerprint(), same.fingerprint());
    }
  }

  @Test
  void adapterOfAnotherModelIsRefused() {
    String message = "is not the model that the adapter was trained on, a model (its files differ)";
    LoraAdapter foreign = adapter(ESM2, "", Optional.of("c0ffee"));
    try (Backend backend = TestBackends.open(anyBackend())) {
      String refusal =
          assertThrows(CodonfuseException.class, () -> load(backend, foreign)).getMessage();
      assertTrue(refusal.startsWith(ESM2 + ": " + message), refusal);
      assertThrows(
          CodonfuseException.class, () -> PublishedEncoder.open(ESM2, Optional.of(foreign)));
      String fingerprint;
      try (Encoder encoder = Encoder.load(backend, ESM2)) {
        fingerprint = encoder.fingerprint();
      }
      LoraAdapter right = adapter(ESM2, "", Optional.of(fingerprint));
      load(backend, right).close();
      PublishedEncoder.open(ESM2, Optional.of(right)).close();
      LoraAdapter shape =
          adapter(Golden.directory().resolve("encoders/rna-fm-original"), "", Optional.empty());
      refusal = assertThrows(CodonfuseException.class, () -> load(backend, shape)).getMessage();
      assertTrue(refusal.startsWith("the adapter "), refusal);
    }
  }

  /** In every published layout, the directory with the merged weights computes the same bits. */
  @TestFactory
  Stream<DynamicTest> mergedDirectoriesComputeWhatTheAdapterDoes() {
    return Golden.cases("encoders", "config.json").stream()
        .map(
            model ->
                DynamicTest.dynamicTest(
                    model.getFileName().toString(),
                    () -> {
                      LoraAdapter adapter = adapter(model, "merged", Optional.empty());
                      Path merged = folder.resolve(model.getFileName());
                      try (PublishedEncoder encoder =
                          PublishedEncoder.open(model, Optional.of(adapter))) {
                        encoder.write(merged, Optional.empty());
                        assertEquals(Set.of(StoredType.F32), encoder.types());
                      }
                      compareWeights(model, merged, adapter);
                      compareHiddenStates(model, merged, adapter);
                    }));
  }

  /** Every tensor that is not adapted is as it was, heads included; the others are the sum. */
  private static void compareWeights(Path model, Path merged, LoraAdapter adapter) {
    EncoderConfig config = EncoderConfig.read(model.resolve("config.json"));
    try (TensorSource before = Checkpoint.find(model).open();
        TensorSource after = Checkpoint.find(merged).open()) {
      var old = EncoderParameters.names(config, before);
      var now = EncoderParameters.names(config, after);
      assertEquals(old.keySet(), now.keySet());
      assertEquals(before.names().size(), after.names().size());
      int adapted = 0;
      for (String name : old.keySet()) {
        float[] expected = before.floats(old.get(name));
        for (AdaptableModule module : AdaptableModules.of(config).all()) {
          LoraFactors factors = adapter.modules().get(module.path());
          if (name.equals(module.name() + ".weight") && factors != null) {
            add(expected, factors, adapter.settings().scale());
            adapted++;
          }
        }
        assertArrayEquals(expected, after.floats(now.get(name)), 1e-6f, name);
      }
      assertEquals(adapter.modules().size(), adapted);
    }
  }

  private static void add(float[] weight, LoraFactors factors, double scale) {
    for (int o = 0; o < factors.out(); o++) {
      for (int i = 0; i < factors.in(); i++) {
        double sum = 0;
        for (int k = 0; k < factors.rank(); k++) {
          sum += (double) factors.b()[o * factors.rank() + k] * factors.a()[k * factors.in() + i];
        }
        weight[o * factors.in() + i] += (float) (scale * sum);
      }
    }
  }

  private static void compareHiddenStates(Path model, Path merged, LoraAdapter adapter)
      throws IOException {
    try (Backend backend = TestBackends.open(anyBackend());
        Encoder bare = Encoder.load(backend, model);
        Encoder adapted = Encoder.load(backend, model, Precision.FLOAT32, Optional.of(adapter));
        Encoder written = Encoder.load(backend, merged);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tokens> tokens = tokens(bare);
      float[] expected = adapted.forward(tokens).toFloats();
      assertArrayEquals(expected, written.forward(tokens).toFloats());
      float[] without = bare.forward(tokens).toFloats();
      double difference = 0;
      for (int i = 0; i < without.length; i++) {
        difference = Math.max(difference, Math.abs(without[i] - expected[i]));
      }
      assertTrue(difference > 0.01, "the adapter changes only " + difference);
      assertFalse(adapted.fingerprint().equals(written.fingerprint()));
    }
  }

  /** In every layout, as training computes it. */
  @TestFactory
  Stream<DynamicTest> mergedIsWhatUnmergedComputes() {
    return Golden.cases("encoders", "config.json").stream()
        .map(
            model ->
                DynamicTest.dynamicTest(
                    model.getFileName().toString(), () -> compareUnmerged(model)));
  }

  private static void compareUnmerged(Path model) throws IOException {
    LoraAdapter adapter = adapter(model, "unmerged", Optional.empty());
    TrainableEncoder.Settings settings =
        new TrainableEncoder.Settings(
            new Tuning.Lora(adapter.settings(), 1), false, "encoder.", false);
    try (TrainableBackend backend = TestBackends.openTrainable();
        Encoder merged = Encoder.load(backend, model, Precision.FLOAT32, Optional.of(adapter));
        TrainableEncoder unmerged = TrainableEncoder.load(backend, model, settings);
        Parameters factors = Parameters.initialiseTrainable(backend, unmerged.parameters(), 1);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Map<String, float[]> values = new LinkedHashMap<>();
      AdaptableModules.of(merged.config())
          .values(adapter)
          .forEach((name, of) -> values.put("encoder." + name, of));
      factors.restore(backend, values);
      List<Tokens> tokens = tokens(merged);
      assertArrayEquals(
          merged.forward(tokens).toFloats(),
          unmerged
              .forward(factors, tokens, Mode.INFERENCE, Precision.FLOAT32, 1)
              .hidden()
              .toFloats(),
          TestBackends.tolerance(1e-5f));
    }
  }

  private static Encoder load(Backend backend, LoraAdapter adapter) {
    return Encoder.load(backend, ESM2, Precision.FLOAT32, Optional.of(adapter));
  }

  private static String anyBackend() {
    return TestBackends.names().stream()
        .filter(name -> TestBackends.missing(name).isEmpty())
        .findFirst()
        .orElseThrow();
  }

  /** A trained adapter of every linear layer but the first ones. */
  private static LoraAdapter adapter(Path model, String seed, Optional<String> base) {
    AdaptableModules modules =
        AdaptableModules.of(EncoderConfig.read(model.resolve("config.json")));
    LoraSettings settings =
        modules.resolve(new LoraSettings(3, 4, 0, true, List.of(LoraSettings.ALL_LINEAR)), 1);
    SplittableRandom random = new SplittableRandom(seed.hashCode());
    return modules.adapter(
        settings,
        name -> {
          int size =
              modules.parameters(settings).stream()
                  .filter(spec -> spec.name().equals(name))
                  .findFirst()
                  .orElseThrow()
                  .shape()
                  .intSize();
          float[] values = new float[size];
          for (int i = 0; i < size; i++) {
            values[i] = (float) (0.1 * random.nextGaussian());
          }
          return values;
        },
        new LoraAdapter.Base(Optional.of("a model"), base, Optional.empty()));
  }

  private static List<Tokens> tokens(Encoder encoder) throws IOException {
    List<Tokens> tokens = new ArrayList<>();
    for (JsonNode golden :
        JsonMapper.builder().build().readTree(encoder.directory().resolve("cases.json").toFile())) {
      tokens.add(encoder.tokenizer().tokenize(golden.get("sequence").asText()));
    }
    return tokens;
  }
}
