package org.codonfuse.fusion;

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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.token.Tokens;
import org.codonfuse.training.Examples;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.Objective;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag(TestBackends.TAG)
class FusionGoldenTest {
  private static final float FORWARD = TestBackends.tolerance(1e-5f);
  private static final float GRADIENT_RELATIVE = 1e-4f;
  private static final float GRADIENT_ABSOLUTE = 1e-6f;
  private static final float AFTER_STEP = 1e-4f;

  @TestFactory
  Stream<DynamicTest> forwardEqualsTheReference() {
    return TestBackends.names().stream()
        .flatMap(
            backend ->
                cases()
                    .map(
                        golden ->
                            DynamicTest.dynamicTest(
                                backend + ", " + golden.directory().getFileName(),
                                () -> checkForward(backend, golden))));
  }

  @TestFactory
  Stream<DynamicTest> gradientsAndOneAdamStepEqualTheReference() {
    return cases()
        .map(
            golden ->
                DynamicTest.dynamicTest(
                    golden.directory().getFileName().toString(), () -> checkTraining(golden)));
  }

  private static void checkForward(String backendName, Case golden) {
    try (Backend backend = TestBackends.open(backendName);
        SafetensorsFile expected = golden.expected();
        Parameters parameters = golden.parameters(backend);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Batch batch = golden.batch(backend, expected);
      FusionModel.Output output = golden.model().forward(backend, parameters, batch);
      compare("output", expected, output.values().toFloats(), FORWARD);
      Tensor fused = backend.maskedFill(output.fused().embedding(), output.fused().mask(), 0);
      compare("fused", expected, fused.toFloats(), FORWARD);
      if (expected.names().contains("alpha")) {
        compare(
            "alpha", expected, output.fused().modalityWeights().orElseThrow().toFloats(), FORWARD);
      }
    }
  }

  private static void checkTraining(Case golden) {
    try (TrainableBackend backend = TestBackends.openTrainable();
        SafetensorsFile expected = golden.expected();
        Parameters initial = golden.parameters(backend);
        Parameters parameters = initial.trainable(backend);
        Scope _ = backend.openScope(Mode.GRADIENT)) {
      Batch batch = golden.batch(backend, expected);
      FusionModel.Output output = golden.model().forward(backend, parameters, batch);
      double[] targets = golden.targets(expected);
      Objective objective = new Objective(golden.task());
      Tensor taskLoss = objective.taskLoss(backend, output.values(), targets);
      compare("loss.task", expected, taskLoss.toFloats(), FORWARD);
      Tensor loss = objective.loss(backend, output, targets);
      compare("loss", expected, loss.toFloats(), FORWARD);
      if (expected.names().contains("entropy")) {
        Tensor penalty = output.fused().penalty().orElseThrow();
        Tensor entropy = backend.affine(penalty, 1 / golden.number("entropy_weight"), 0);
        compare("entropy", expected, entropy.toFloats(), FORWARD);
      }
      AdamOptions options = AdamOptions.of(golden.number("lr"), golden.number("weight_decay"));
      try (Optimizer optimizer = backend.adam(parameters.tensors(), options)) {
        backend.backward(loss);
        for (String name : parameters.names()) {
          float[] gradient = backend.gradient(parameters.get(name)).orElseThrow().toFloats();
          float[] reference = expected.floats("grad." + name);
          float largest = 0;
          for (float value : reference) {
            largest = Math.max(largest, Math.abs(value));
          }
          float tolerance = GRADIENT_RELATIVE * largest + GRADIENT_ABSOLUTE;
          compare("grad." + name, expected, gradient, tolerance);
        }
        optimizer.step(golden.number("lr"));
      }
      for (String name : parameters.names()) {
        compare("after." + name, expected, parameters.get(name).toFloats(), AFTER_STEP);
      }
    }
  }

  private static void compare(
      String name, SafetensorsFile expected, float[] actual, float tolerance) {
    float[] reference = expected.floats(name);
    assertEquals(reference.length, actual.length, name);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(reference[i], actual[i], tolerance, name + "[" + i + "]");
    }
  }

  private static Stream<Case> cases() {
    List<Case> cases = Golden.cases("fusion", "config.json").stream().map(Case::read).toList();
    assertFalse(cases.isEmpty());
    return cases.stream();
  }

  /** A golden case. */
  record Case(Path directory, JsonNode config, FusionModel model) {
    static Case read(Path directory) {
      JsonNode config;
      try {
        config = JsonMapper.builder().build().readTree(directory.resolve("config.json").toFile());
      } catch (IOException e) {
        throw new AssertionError(directory.toString(), e);
      }
      List<StreamSpec> streams =
          IntStream.range(0, Molecule.values().length)
              .mapToObj(
                  i -> {
                    Molecule molecule = Molecule.values()[i];
                    return new StreamSpec(
                        molecule.label(),
                        molecule,
                        config.get("dims").get(i).asInt(),
                        Granularity.aligned(molecule));
                  })
              .toList();
      Fusion fusion = fusion(config).create(streams);
      return new Case(directory, config, new FusionModel(fusion, head(config, fusion)));
    }

    /** What a golden configuration says of its fusion. */
    static FusionConfig fusion(JsonNode config) {
      Upsampling exact = Upsampling.EXACT;
      return switch (config.get("fusion").asText()) {
        case FusionConfig.CONCAT -> new FusionConfig.Concat(config.get("dna_dim").asInt(), exact);
        case FusionConfig.MIL ->
            new FusionConfig.Mil(
                config.get("model_dim").asInt(),
                config.get("gate_dim").asInt(),
                config.get("entropy_weight").asDouble(),
                config.path("shared_gate").asBoolean(),
                false,
                exact);
        case FusionConfig.CROSS_ATTENTION ->
            new FusionConfig.CrossAttention(
                config.get("model_dim").asInt(), config.get("heads").asInt(), 0, exact);
        case String other -> throw new AssertionError("no fusion " + other);
      };
    }

    private static TextCnnHead head(JsonNode config, Fusion fusion) {
      List<Integer> kernels = new ArrayList<>();
      config.get("kernels").forEach(kernel -> kernels.add(kernel.asInt()));
      return new TextCnnHead(
          fusion.width(),
          config.get("head_dim").asInt(),
          kernels,
          config.get("channels").asInt(),
          0,
          config.get("outputs").asInt());
    }

    SafetensorsFile expected() {
      return SafetensorsFile.open(directory.resolve("expected.safetensors"));
    }

    Parameters parameters(Backend backend) {
      return Parameters.load(backend, model.parameters(), directory.resolve("weights.safetensors"));
    }

    Task task() {
      return Task.valueOf(config.get("task").asText().toUpperCase(java.util.Locale.ROOT));
    }

    double number(String field) {
      return config.get(field).asDouble();
    }

    double[] targets(SafetensorsFile expected) {
      return switch (task()) {
        case REGRESSION -> {
          float[] values = expected.floats("target");
          yield IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
        }
        case CLASSIFICATION -> Arrays.stream(expected.longs("target")).asDoubleStream().toArray();
      };
    }

    Batch batch(Backend backend, SafetensorsFile expected) {
      int members = config.get("nucleotides").size();
      List<StreamSpec> streams = model.fusion().streams();
      float[][][] rows = new float[streams.size()][members][];
      int[] codons = new int[members];
      for (int b = 0; b < members; b++) {
        int nucleotides = config.get("nucleotides").get(b).asInt();
        codons[b] = nucleotides / 3;
        for (int s = 0; s < streams.size(); s++) {
          StreamSpec stream = streams.get(s);
          String name = "input." + b + "." + stream.name();
          rows[s][b] =
              stream.molecule() == Molecule.RNA
                  ? codonMeans(backend, expected, name, nucleotides)
                  : expected.floats(name);
        }
      }
      int[] all = IntStream.range(0, members).toArray();
      Batch batch = Examples.of(streams, rows, codons).batch(backend, all);
      assertTrue(batch.size() > 0);
      return batch;
    }

    private static float[] codonMeans(
        Backend backend, SafetensorsFile expected, String name, int nucleotides) {
      Shape shape = expected.info(name).shape();
      int[] starts = IntStream.range(0, nucleotides).toArray();
      int[] ends = IntStream.rangeClosed(1, nucleotides).toArray();
      Tokens tokens = new Tokens(new int[nucleotides], starts, ends, 0, 0, 0);
      return backend
          .segmentSum(
              backend.tensor(expected.floats(name), shape),
              CodonAlignment.segments(Granularity.CODON, tokens, nucleotides, 0))
          .toFloats();
    }
  }
}
