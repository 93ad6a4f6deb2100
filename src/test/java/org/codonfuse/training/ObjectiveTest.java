package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.fusion.Fused;
import org.codonfuse.sequence.Task;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag(TestBackends.TAG)
@RequiresTorch
class ObjectiveTest {
  private static final double[][] NUMBERS = {{0.5}, {-2}, {1e3}, {0}};
  private static final double[] NUMBER_TARGETS = {1, -2.5, 990, 0};
  private static final double[][] LOGITS = {{0.5, -1, 2}, {1e3, 0, -1e3}, {0, 0, 0}, {-90, -80, 3}};
  private static final double[] CLASS_TARGETS = {1, 0, 2, 1};

  @ParameterizedTest
  @EnumSource
  void theHostsLossIsTheDevices(Task task) {
    double[][] outputs = task == Task.REGRESSION ? NUMBERS : LOGITS;
    double[] targets = task == Task.REGRESSION ? NUMBER_TARGETS : CLASS_TARGETS;
    Objective objective = new Objective(task);
    try (TrainableBackend backend = TestBackends.openTrainable();
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      double device = objective.taskLoss(backend, tensor(backend, outputs), targets).item();

      assertEquals(device, objective.taskLoss(outputs, targets), 1e-6 * device);
    }
  }

  @Test
  void whatIsNotKnownDoesNotCount() {
    double[][] outputs = {{1, 7}, {-3, 5}, {2, 0.5}};
    double[] targets = {2, Double.NaN, -1, 5.5, Double.NaN, 0};
    Objective objective = new Objective(Task.REGRESSION);
    double expected = (1 + 4 + 0.25 + 0.25) / 4;

    assertEquals(expected, objective.taskLoss(outputs, targets), 1e-12);
    assertEquals(0, objective.taskLoss(new double[][] {{3}}, new double[] {Double.NaN}));
    try (TrainableBackend backend = TestBackends.openTrainable();
        Scope _ = backend.openScope(Mode.TRAINING)) {
      Tensor parameter = backend.parameter(tensor(backend, outputs));
      Tensor loss = objective.taskLoss(backend, parameter, targets);
      backend.backward(loss);

      assertEquals(expected, loss.item(), 1e-6);
      // d/dx of the mean over four: (x - y) / 2, nothing where there is no target.
      assertArrayEquals(
          new float[] {-0.5f, 0, -1, -0.25f, 0, 0.25f},
          backend.gradient(parameter).orElseThrow().toFloats(),
          1e-6f);
    }
  }

  @Test
  void aBatchWithoutTargetsHasNoLoss() {
    try (TrainableBackend backend = TestBackends.openTrainable();
        Scope _ = backend.openScope(Mode.TRAINING)) {
      Tensor parameter = backend.parameter(tensor(backend, new double[][] {{3, 4}}));
      Tensor loss =
          new Objective(Task.REGRESSION)
              .taskLoss(backend, parameter, new double[] {Double.NaN, Double.NaN});
      backend.backward(loss);

      assertEquals(0, loss.item());
      assertArrayEquals(new float[2], backend.gradient(parameter).orElseThrow().toFloats(), 0);
    }
  }

  @Test
  void weightsOfClassesMakeAWeightedMean() {
    List<Double> weights = List.of(0.5, 2.0, 3.0);
    Objective objective = new Objective(Task.CLASSIFICATION, weights);
    double sum = 0;
    double total = 0;
    for (int i = 0; i < LOGITS.length; i++) {
      int target = (int) CLASS_TARGETS[i];
      double loss =
          new Objective(Task.CLASSIFICATION)
              .taskLoss(new double[][] {LOGITS[i]}, new double[] {target});
      sum += weights.get(target) * loss;
      total += weights.get(target);
    }

    assertEquals(sum / total, objective.taskLoss(LOGITS, CLASS_TARGETS), 1e-9);
    try (TrainableBackend backend = TestBackends.openTrainable();
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      double device = objective.taskLoss(backend, tensor(backend, LOGITS), CLASS_TARGETS).item();

      assertEquals(sum / total, device, 1e-6 * device);
    }
  }

  @Test
  void equalWeightsAreNone() {
    double[][] logits = {{0.5, -1, 2}, {4, 0, -3}, {0, 0, 0}};
    double[] targets = {1, 0, 2};
    try (TrainableBackend backend = TestBackends.openTrainable();
        Scope _ = backend.openScope(Mode.TRAINING)) {
      Tensor weighted = backend.parameter(tensor(backend, logits));
      Tensor plain = backend.parameter(tensor(backend, logits));
      backend.backward(
          new Objective(Task.CLASSIFICATION, List.of(2.0, 2.0, 2.0))
              .taskLoss(backend, weighted, targets));
      backend.backward(new Objective(Task.CLASSIFICATION).taskLoss(backend, plain, targets));

      assertArrayEquals(
          backend.gradient(plain).orElseThrow().toFloats(),
          backend.gradient(weighted).orElseThrow().toFloats(),
          1e-6f);
    }
  }

  @Test
  void theFusionsPenaltyIsAddedToWhatIsMinimised() {
    Objective objective = new Objective(Task.REGRESSION);
    try (TrainableBackend backend = TestBackends.openTrainable();
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor values = tensor(backend, NUMBERS);
      Mask mask = backend.mask(new int[] {1, 1, 1, 1}, 1);
      Tensor penalty = backend.tensor(new float[] {7}, Shape.of());
      Fused fused = new Fused(values, mask, Optional.empty(), Optional.of(penalty));
      double plain = objective.taskLoss(backend, values, NUMBER_TARGETS).item();

      Tensor loss = objective.loss(backend, new FusionModel.Output(values, fused), NUMBER_TARGETS);

      assertEquals(plain + 7, loss.item(), 1e-5);
    }
  }

  private static Tensor tensor(TrainableBackend backend, double[][] rows) {
    float[] values = new float[rows.length * rows[0].length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    return backend.tensor(values, Shape.of(rows.length, rows[0].length));
  }
}
