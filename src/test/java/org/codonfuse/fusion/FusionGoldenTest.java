package org.codonfuse.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.parameters.Parameters;
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

  private static void checkForward(String backendName, GoldenFusion golden) {
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

  private static void checkTraining(GoldenFusion golden) {
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

  private static Stream<GoldenFusion> cases() {
    List<GoldenFusion> cases = GoldenFusion.all();
    assertFalse(cases.isEmpty());
    return cases.stream();
  }
}
