package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.Progress;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

@Tag(TestBackends.TAG)
class EmbeddingJobGoldenTest {
  private static final double COMPUTED = 2e-5;

  @TempDir Path temporary;

  @TestFactory
  Stream<DynamicTest> storedRowsEqualTheReferenceWithoutSpecialTokens() {
    List<Path> models = Golden.cases("encoders", "model.safetensors");
    assertFalse(models.isEmpty());
    return TestBackends.names().stream()
        .flatMap(
            backend ->
                models.stream()
                    .flatMap(
                        model ->
                            Stream.of(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16)
                                .map(type -> test(backend, model, type))));
  }

  private DynamicTest test(String backend, Path model, DType type) {
    String name = backend + ", " + model.getFileName() + ", " + type;
    return DynamicTest.dynamicTest(name, () -> check(backend, model, type));
  }

  private void check(String backendName, Path model, DType type) throws IOException {
    Path store = temporary.resolve(backendName + model.getFileName() + type);
    try (Backend backend = TestBackends.open(backendName);
        Encoder encoder = Encoder.load(backend, model);
        SafetensorsFile expected = SafetensorsFile.open(model.resolve("expected.safetensors"))) {
      List<EmbeddingInput> inputs = inputs(model.resolve("cases.json"));
      EmbeddingJob.run(
          backend,
          encoder,
          new EmbeddingInputs(encoder.tokenizer().molecule(), Optional.empty(), inputs),
          EmbeddingSettings.of(Pooling.NONE).withStored(type),
          store,
          Progress.NONE);
      Map<String, float[]> rows = EmbeddingFixture.rows(store);
      assertEquals(inputs.size(), rows.size());
      for (EmbeddingInput input : inputs) {
        Tokens tokens = encoder.tokenizer().tokenize(input.letters());
        String name = "case." + input.id() + ".last_hidden_state";
        compare(name, expected.floats(name), tokens, rows.get(input.id()), type);
      }
    }
  }

  private static List<EmbeddingInput> inputs(Path cases) throws IOException {
    List<EmbeddingInput> inputs = new ArrayList<>();
    for (JsonNode golden : JsonMapper.builder().build().readTree(cases.toFile())) {
      String letters = golden.get("sequence").asText();
      inputs.add(new EmbeddingInput(String.valueOf(inputs.size()), letters));
    }
    return inputs;
  }

  private static void compare(
      String name, float[] expected, Tokens tokens, float[] actual, DType type) {
    int width = expected.length / tokens.length();
    int at = 0;
    for (int t = 0; t < tokens.length(); t++) {
      for (int i = 0; i < width && !tokens.special(t); i++) {
        float value = expected[t * width + i];
        double rounding =
            switch (type) {
              case FLOAT16 -> Math.abs(value) * 0x1p-11 + 0x1p-25;
              case BFLOAT16 -> Math.abs(value) * 0x1p-8;
              default -> 0;
            };
        assertEquals(value, actual[at++], COMPUTED * 1.01 + rounding, name);
      }
    }
    assertTrue(at > 0 && at == actual.length, name);
  }
}
