package org.codonfuse.training;

import java.util.Arrays;
import java.util.Optional;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.sequence.Task;

/** The loss of a task: mean squared error of standardised targets, or cross-entropy. */
public final class Objective {
  private final Task task;

  /**
   * @param task what is predicted
   */
  public Objective(Task task) {
    this.task = task;
  }

  /**
   * The loss of the task alone, a scalar.
   *
   * @param output [batch, 1] or [batch, classes]
   * @param targets standardised values or classes
   */
  public Tensor taskLoss(TrainableBackend backend, Tensor output, double[] targets) {
    Shape batch = Shape.of(targets.length);
    return switch (task) {
      case REGRESSION -> {
        float[] values = new float[targets.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) targets[i];
        }
        Tensor predicted = backend.reshape(output, batch);
        yield backend.meanSquaredError(predicted, backend.tensor(values, batch));
      }
      case CLASSIFICATION -> {
        long[] classes = new long[targets.length];
        for (int i = 0; i < classes.length; i++) {
          classes[i] = (long) targets[i];
        }
        yield backend.crossEntropy(output, backend.tensor(classes, batch));
      }
    };
  }

  /** The same loss of outputs [example][output] that have left the device. */
  public double taskLoss(double[][] outputs, double[] targets) {
    double sum = 0;
    for (int i = 0; i < outputs.length; i++) {
      double[] output = outputs[i];
      sum +=
          switch (task) {
            case REGRESSION -> (output[0] - targets[i]) * (output[0] - targets[i]);
            case CLASSIFICATION -> logSumExp(output) - output[(int) targets[i]];
          };
    }
    return sum / outputs.length;
  }

  /** The loss that is minimised: that of the task and what the fusion adds. */
  public Tensor loss(TrainableBackend backend, FusionModel.Output output, double[] targets) {
    Tensor loss = taskLoss(backend, output.values(), targets);
    Optional<Tensor> penalty = output.fused().penalty();
    return penalty.isEmpty() ? loss : backend.binary(Binary.ADD, loss, penalty.get());
  }

  private static double logSumExp(double[] logits) {
    double largest = Arrays.stream(logits).max().orElseThrow();
    return largest + Math.log(Arrays.stream(logits).map(x -> Math.exp(x - largest)).sum());
  }
}
