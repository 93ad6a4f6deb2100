package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
