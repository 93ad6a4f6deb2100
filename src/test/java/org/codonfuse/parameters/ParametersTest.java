package org.codonfuse.parameters;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.TorchBackend;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag(TestBackends.TAG)
class ParametersTest {
  private static final long SEED = 7;
  private static final List<ParameterSpec> SPECS = specs();

  @TempDir Path directory;

  private static List<ParameterSpec> specs() {
    List<ParameterSpec> specs = new ArrayList<>(ParameterSpec.linear("head.output", 5, 3));
    specs.addAll(ParameterSpec.conv1d("head.conv3", 4, 2, 3));
    specs.addAll(ParameterSpec.layerNorm("norm", 6));
    specs.add(ParameterSpec.linearWeight("gate", 9, 1));
    return specs;
  }

  @OnEveryBackend
  void initialValuesAreTheSameOnEveryBackend(String name) {
    try (Backend scalar = TestBackends.open("scalar");
        Backend backend = TestBackends.open(name);
        Parameters expected = Parameters.initialise(scalar, SPECS, SEED);
        Parameters actual = Parameters.initialise(backend, SPECS, SEED)) {
      assertEquals(expected.names(), actual.names());
      assertSame(expected.snapshot(), actual.snapshot());
    }
  }

  @Test
  void initialValuesDependOnNothingButSeedAndName() {
    Map<String, float[]> all = initial(SPECS, SEED);
    for (ParameterSpec spec : SPECS) {
      assertArrayEquals(all.get(spec.name()), initial(List.of(spec), SEED).get(spec.name()));
    }
    assertSame(all, initial(SPECS.reversed(), SEED));
  }

  @Test
  void everySeedAndNameHasValuesOfItsOwn() {
    int size = 50;
    Map<Float, String> owners = new HashMap<>();
    for (long seed : new long[] {0, 1, 2, 3, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      for (String name : List.of("a", "b", "ab", "fusion.gate.weight")) {
        float[] values =
            initial(List.of(ParameterSpec.linearWeight(name, size, 1)), seed).get(name + ".weight");
        assertEquals(size, Arrays.stream(boxed(values)).distinct().count());
        // Not even in another place, as with generators that are shifts of each other.
        int shared = 0;
        for (float value : values) {
          shared += owners.put(value, name + " " + seed) == null ? 0 : 1;
        }
        assertTrue(shared <= 1, () -> name + " with seed " + seed + " has values of another");
      }
    }
  }

  @ParameterizedTest(name = "{0} starts within {1}")
  @CsvSource({
    "head.output.weight, 0.4472136", // 1 / sqrt(5)
    "head.output.bias, 0.4472136",
    "head.conv3.weight, 0.2886751", // 1 / sqrt(4 * 3)
    "head.conv3.bias, 0.2886751",
    "gate.weight, 0.3333333",
  })
  void linearAndConvolutionLayersStartWithinTheirFanIn(String name, float bound) {
    float largest = 0;
    for (long seed = 0; seed < 40; seed++) {
      for (float value : initial(SPECS, seed).get(name)) {
        assertTrue(Math.abs(value) <= bound, () -> name + " has " + value);
        largest = Math.max(largest, Math.abs(value));
      }
    }
    assertTrue(largest > 0.8 * bound, "largest of many " + largest);
  }

  @Test
  void normsStartAsTheIdentity() {
    Map<String, float[]> values = initial(SPECS, SEED);
    assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1}, values.get("norm.weight"));
    assertArrayEquals(new float[6], values.get("norm.bias"));
  }

  @Test
  void theSameNameTwiceIsRefused() {
    List<ParameterSpec> twice = List.of(SPECS.getFirst(), SPECS.getFirst());
    var e = assertThrows(IllegalArgumentException.class, () -> initial(twice, SEED));
    assertTrue(e.getMessage().contains("head.output.weight"), e.getMessage());
  }

  @OnEveryBackend
  void savingAndLoadingKeepsEveryBit(String name) {
    Path file = directory.resolve("model.safetensors");
    List<ParameterSpec> odd =
        List.of(
            new ParameterSpec("odd", Shape.of(1, 2), new Initializer.Constant(Float.MIN_VALUE)),
            new ParameterSpec("empty", Shape.of(0, 3), Initializer.ones()),
            new ParameterSpec("scalar", Shape.of(), new Initializer.Constant(-0f)));
    List<ParameterSpec> specs = new ArrayList<>(SPECS);
    specs.addAll(odd);
    try (Backend backend = TestBackends.open(name);
        Parameters saved = Parameters.initialise(backend, specs, SEED)) {
      saved.save(file, Map.of("epoch", "3"));
      try (Parameters loaded = Parameters.load(backend, specs, file)) {
        assertEquals(saved.names(), loaded.names());
        assertEquals(saved.count(), loaded.count());
        assertEquals(Shape.of(), loaded.get("scalar").shape());
        assertSame(saved.snapshot(), loaded.snapshot());
      }
    }
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      assertEquals("3", source.metadata().get("epoch"));
    }
  }

  @OnEveryBackend
  void loadingTheWrongFileNamesFileAndTensor(String name) throws IOException {
    Shape five = Shape.of(5);
    Path file = directory.resolve("model.safetensors");
    try (Backend backend = TestBackends.open(name)) {
      SafetensorsWriter.write(file, Map.of("a", ones(five)));
      refuses(backend, List.of(spec("a", five), spec("b", five)), file, "'b'", "missing");
      refuses(backend, List.of(spec("a", Shape.of(5, 1))), file, "'a'", "[5]", "[5, 1]");
      SafetensorsWriter.write(file, Map.of("a", ones(five), "z", ones(five), "c", ones(five)));
      refuses(backend, List.of(spec("a", five)), file, "'c'", "not part of this model");
      SafetensorsWriter.write(file, Map.of("a", TensorData.ofLongs(five, new long[5])));
      refuses(backend, List.of(spec("a", five)), file, "a", "I64");
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length - 1));
      refuses(backend, List.of(spec("a", five)), file);
      Files.delete(file);
      refuses(backend, List.of(spec("a", five)), file, "no such file");
    }
  }

  private static void refuses(
      Backend backend, List<ParameterSpec> specs, Path file, String... words) {
    var e =
        assertThrows(CodonfuseException.class, () -> Parameters.load(backend, specs, file).close());
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), () -> word + " in: " + e.getMessage());
    }
  }

  @OnEveryBackend
  void closingReleasesEveryTensor(String name) {
    try (Backend backend = TestBackends.open(name)) {
      Parameters parameters = Parameters.initialise(backend, SPECS, SEED);
      List<Tensor> tensors = parameters.tensors();
      assertEquals(SPECS.size(), tensors.size());
      assertFalse(tensors.stream().anyMatch(Tensor::isReleased));
      parameters.close();
      parameters.close();
      assertTrue(tensors.stream().allMatch(Tensor::isReleased));
    }
  }

  @Test
  void trainingACopyLeavesTheOriginalAsItIs() {
    try (TrainableBackend backend = TestBackends.openTrainable()) {
      final long before = TorchBackend.liveHandles();
      try (Parameters original = Parameters.initialise(backend, SPECS, SEED)) {
        Map<String, float[]> values = original.snapshot();
        try (Parameters copy = original.trainable(backend);
            Optimizer adam = backend.adam(copy.tensors(), AdamOptions.of(0.1, 0))) {
          assertSame(values, copy.snapshot());
          try (Scope _ = backend.openScope(Mode.TRAINING)) {
            backend.backward(backend.sum(copy.get("norm.weight"), 0));
            adam.step(0.1);
          }
          assertNotEquals(1, copy.snapshot().get("norm.weight")[0]);
          assertSame(values, original.snapshot());
          copy.restore(backend, values);
          assertSame(values, copy.snapshot());
        }
        assertSame(values, original.snapshot());
      }
      assertEquals(before, TorchBackend.liveHandles());
    }
  }

  @Test
  void freshTrainableParametersHaveTheSameValues() {
    try (TrainableBackend backend = TestBackends.openTrainable()) {
      final long before = TorchBackend.liveHandles();
      try (Parameters trainable = Parameters.initialiseTrainable(backend, SPECS, SEED)) {
        assertEquals(before + SPECS.size(), TorchBackend.liveHandles());
        assertSame(initial(SPECS, SEED), trainable.snapshot());
      }
      assertEquals(before, TorchBackend.liveHandles());
    }
  }

  @Test
  void unknownNamesAreEmptyOrRefused() {
    try (Backend backend = TestBackends.open("scalar");
        Parameters parameters = Parameters.initialise(backend, SPECS, SEED)) {
      assertTrue(parameters.find("norm").isEmpty());
      var e = assertThrows(IllegalArgumentException.class, () -> parameters.get("norm"));
      assertTrue(e.getMessage().contains("'norm'"), e.getMessage());
    }
  }

  private static Map<String, float[]> initial(List<ParameterSpec> specs, long seed) {
    try (Backend backend = TestBackends.open("scalar");
        Parameters parameters = Parameters.initialise(backend, specs, seed)) {
      return parameters.snapshot();
    }
  }

  private static ParameterSpec spec(String name, Shape shape) {
    return new ParameterSpec(name, shape, Initializer.zeros());
  }

  private static TensorData ones(Shape shape) {
    float[] values = new float[shape.intSize()];
    Arrays.fill(values, 1);
    return TensorData.of(shape, values);
  }

  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return boxed;
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, values) -> assertArrayEquals(bits(values), bits(actual.get(name)), name));
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }
}
