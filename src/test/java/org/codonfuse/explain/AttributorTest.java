package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.GoldenFusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.Examples;
import org.codonfuse.training.FusionModel;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * {@code attributions.json} was computed for the golden fusions in PyTorch, in float64, from the
 * equations alone: for every sequence and output integrated gradients from zero at 50
 * Gauss–Legendre points ({@code integrated_gradients}), the same at 400 midpoints ({@code exact}),
 * and gradient × input.
 */
@Tag(TestBackends.TAG)
class AttributorTest {
  private static final double RELATIVE = TestBackends.tolerance(1e-4f);

  @TestFactory
  Stream<DynamicTest> attributionsEqualTheReference() throws IOException {
    JsonNode expected;
    try (InputStream file = AttributorTest.class.getResourceAsStream("attributions.json")) {
      expected = JsonMapper.builder().build().readTree(file);
    }
    List<GoldenFusion> cases =
        GoldenFusion.all().stream().filter(golden -> expected.has(name(golden))).toList();
    assertFalse(cases.isEmpty());
    return cases.stream()
        .map(
            golden ->
                DynamicTest.dynamicTest(
                    name(golden), () -> check(golden, expected.get(name(golden)))));
  }

  private static String name(GoldenFusion golden) {
    return golden.directory().getFileName().toString();
  }

  private static void check(GoldenFusion golden, JsonNode expected) {
    try (TrainableBackend backend = TestBackends.openTrainable();
        SafetensorsFile inputs = golden.expected();
        Parameters parameters = golden.parameters(backend);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Examples examples = golden.examples(backend, inputs);
      for (int i = 0; i < examples.size(); i++) {
        List<Attributor.Attribution> integrated =
            attribute(backend, golden.model(), parameters, examples, i, true);
        List<Attributor.Attribution> quick =
            attribute(backend, golden.model(), parameters, examples, i, false);
        for (int o = 0; o < integrated.size(); o++) {
          JsonNode reference = expected.get(i).get(o);
          Attributor.Attribution found = integrated.get(o);
          assertEquals(reference.get("output").asDouble(), found.prediction(), 1e-5);
          assertEquals(reference.get("baseline").asDouble(), found.baseline(), 1e-5);
          assertTrue(found.gap() < 0.01, "a gap of " + found.gap());
          if (found.steps() == ExplainSettings.STEPS) {
            compare(reference.get("integrated_gradients"), found, RELATIVE);
          } else {
            compare(reference.get("exact"), found, 0.02);
          }
          compare(reference.get("gradient_input"), quick.get(o), RELATIVE);
        }
      }
    }
  }

  private static List<Attributor.Attribution> attribute(
      TrainableBackend backend,
      FusionModel model,
      Parameters parameters,
      Examples examples,
      int example,
      boolean integrated) {
    Examples zeros = examples;
    for (StreamSpec stream : examples.streams()) {
      zeros = zeros.replacing(stream.name(), new float[stream.width()]);
    }
    int[] one = {example};
    return new Attributor(
            backend,
            model,
            parameters,
            integrated ? AttributionMethod.INTEGRATED_GRADIENTS : AttributionMethod.GRADIENT_INPUT,
            ExplainSettings.STEPS)
        .attribute(examples.batch(backend, one), zeros.batch(backend, one));
  }

  /**
   * @param tolerance relative to the largest attribution of a stream
   */
  private static void compare(JsonNode expected, Attributor.Attribution found, double tolerance) {
    assertEquals(expected.size(), found.values().length);
    double largest = 0;
    for (JsonNode stream : expected) {
      for (JsonNode value : stream) {
        largest = Math.max(largest, Math.abs(value.asDouble()));
      }
    }
    for (int s = 0; s < found.values().length; s++) {
      assertEquals(expected.get(s).size(), found.values()[s].length);
      for (int t = 0; t < found.values()[s].length; t++) {
        assertEquals(
            expected.get(s).get(t).asDouble(),
            found.values()[s][t],
            tolerance * largest + 1e-6,
            "stream " + s + ", position " + t);
      }
    }
  }

  /** With a hidden layer that no ReLU ever cuts, the model is linear in the mean of its rows. */
  @Test
  void isExactOnALinearModel() {
    StreamSpec stream = new StreamSpec("rna", Molecule.RNA, 3, Granularity.TOKEN);
    FusionModel model = new FusionModel(new UnimodalFusion(stream), new MlpHead(3, 2, 0, 1));
    float[] x = {1, 2, 3, -1, 0.5f, 4, 0, 0, 7, 2, -2, 1};
    try (TrainableBackend backend = TestBackends.openTrainable();
        Parameters parameters = Parameters.initialiseTrainable(backend, model.parameters(), 3);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      var values = new HashMap<>(parameters.snapshot());
      values.put("head.hidden.bias", new float[] {100, 100});
      parameters.restore(backend, values);
      Examples examples = Examples.of(List.of(stream), new float[][][] {{x}}, new int[] {1});
      Attributor.Attribution found =
          attribute(backend, model, parameters, examples, 0, true).getFirst();
      float[] hidden = values.get("head.hidden.weight");
      float[] output = values.get("head.output.weight");
      for (int t = 0; t < 4; t++) {
        double expected = 0;
        for (int i = 0; i < 3; i++) {
          double weight = output[0] * hidden[i] + output[1] * hidden[3 + i];
          expected += weight * x[3 * t + i] / 4;
        }
        assertEquals(expected, found.values()[0][t], 1e-6);
      }
      assertEquals(ExplainSettings.STEPS, found.steps());
      assertEquals(found.prediction() - found.baseline(), found.sum(), 1e-4);
    }
  }
}
