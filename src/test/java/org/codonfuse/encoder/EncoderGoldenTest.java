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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag(TestBackends.TAG)
class EncoderGoldenTest {
  private static final float TOLERANCE = TestBackends.tolerance(2e-5f);

  @TestFactory
  Stream<DynamicTest> hiddenStatesEqualTheReference() {
    return TestBackends.among("torch", "scalar")
        .flatMap(
            backend ->
                models()
                    .flatMap(
                        model ->
                            Stream.of(
                                test(backend, model, "alone", 1),
                                test(backend, model, "in batches of two", 2),
                                test(backend, model, "in one mixed batch", Integer.MAX_VALUE))));
  }

  @TestFactory
  Stream<DynamicTest> bfloat16StaysCloseToTheReference() {
    return TestBackends.among("torch", "scalar")
        .flatMap(
            backend ->
                models()
                    .map(
                        model ->
                            DynamicTest.dynamicTest(
                                backend + ", " + model.getFileName(),
                                () -> checkBfloat16(backend, model))));
  }

  private static void checkBfloat16(String backendName, Path model) throws IOException {
    try (Backend backend = TestBackends.open(backendName);
        Encoder encoder = Encoder.load(backend, model, Precision.BFLOAT16);
        SafetensorsFile expected = SafetensorsFile.open(model.resolve("expected.safetensors"));
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tokens> tokens = tokens(encoder, model.resolve("cases.json"));
      float[] values = encoder.forward(tokens).toFloats();
      int from = 0;
      for (int b = 0; b < tokens.size(); b++) {
        String name = "case." + b + ".last_hidden_state";
        float[] exact = expected.floats(name);
        double dot = 0;
        double square = 0;
        double exactSquare = 0;
        double error = 0;
        for (int i = 0; i < exact.length; i++) {
          float value = values[from + i];
          dot += (double) value * exact[i];
          square += (double) value * value;
          exactSquare += (double) exact[i] * exact[i];
          error += Math.pow(value - exact[i], 2);
        }
        double relative = Math.sqrt(error / exactSquare);
        double cosine = dot / Math.sqrt(square * exactSquare);
        assertTrue(relative < 3e-2, name + ": relative error " + relative);
        assertTrue(cosine > 0.999, name + ": cosine " + cosine);
        from += exact.length;
      }
      assertEquals(values.length, from);
    }
  }

  private static Stream<Path> models() {
    List<Path> models = Golden.cases("encoders", "config.json");
    assertFalse(models.isEmpty());
    return models.stream();
  }

  private static DynamicTest test(String backend, Path model, String how, int batchSize) {
    String name = backend + ", " + model.getFileName() + ", " + how;
    return DynamicTest.dynamicTest(name, () -> check(backend, model, batchSize));
  }

  private static void check(String backendName, Path model, int batchSize) throws IOException {
    try (Backend backend = TestBackends.open(backendName);
        Encoder encoder = Encoder.load(backend, model);
        SafetensorsFile expected = SafetensorsFile.open(model.resolve("expected.safetensors"))) {
      List<Tokens> tokens = tokens(encoder, model.resolve("cases.json"));
      assertEquals(expected.names().size(), tokens.size());
      for (int from = 0; from < tokens.size(); from += Math.min(batchSize, tokens.size())) {
        int to = (int) Math.min(tokens.size(), (long) from + batchSize);
        try (Scope _ = backend.openScope(Mode.INFERENCE)) {
          Tensor hidden = encoder.forward(tokens.subList(from, to));
          compare(hidden, from, tokens, expected);
        }
      }
    }
  }

  private static List<Tokens> tokens(Encoder encoder, Path cases) throws IOException {
    List<Tokens> tokens = new ArrayList<>();
    for (JsonNode golden : JsonMapper.builder().build().readTree(cases.toFile())) {
      tokens.add(encoder.tokenizer().tokenize(golden.get("sequence").asText()));
    }
    return tokens;
  }

  private static void compare(
      Tensor hidden, int first, List<Tokens> tokens, SafetensorsFile expected) {
    float[] values = hidden.toFloats();
    int width = hidden.shape().intDim(1);
    int from = 0;
    for (int b = first; from < values.length; b++) {
      int to = from + tokens.get(b).length() * width;
      String name = "case." + b + ".last_hidden_state";
      assertEquals(Shape.of(tokens.get(b).length(), width), expected.info(name).shape(), name);
      float[] actual = Arrays.copyOfRange(values, from, to);
      assertArrayEquals(expected.floats(name), actual, TOLERANCE, name);
      from = to;
    }
  }
}
