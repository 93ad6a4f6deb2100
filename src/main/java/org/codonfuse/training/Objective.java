package org.codonfuse.training;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Unary;
import org.codonfuse.sequence.Task;

/**
 * The loss of a task: mean squared error of standardised targets over those that are known, or
 * cross-entropy, in which classes may have weights: the weighted mean that {@code
 * torch.nn.CrossEntropyLoss} takes.
 */
public final class Objective {
  /** Terms of a loss: that of the task, and what the fusion adds. */
  static final int TERMS = 2;

  private final Task task;
  private final double[] classWeights;

  /**
   * @param task what is predicted
   */
  public Objective(Task task) {
    this(task, List.of());
  }

  /**
   * @param task what is predicted
   * @param classWeights one per class, above 0; empty if all count the same
   */
  public Objective(Task task, List<Double> classWeights) {
    if (task == Task.REGRESSION && !classWeights.isEmpty()) {
      throw new IllegalArgumentException("Weights of classes for regression");
    }
    this.task = task;
    this.classWeights = classWeights.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The loss of the task alone, a scalar.
   *
   * @param output [batch, targets] or [batch, classes]
   * @param targets [batch · targets] standardised values in row-major order, NaN where one is not
   *     known; or [batch] classes
   */
  public Tensor taskLoss(TrainableBackend backend, Tensor output, double[] targets) {
    return switch (task) {
      case REGRESSION -> squaredError(backend, output, targets);
      case CLASSIFICATION ->
          classWeights.length == 0
              ? crossEntropy(backend, output, targets)
              : weightedCrossEntropy(backend, output, targets);
    };
  }

  private static Tensor squaredError(TrainableBackend backend, Tensor output, double[] targets) {
    Shape all = Shape.of(targets.length);
    float[] values = new float[targets.length];
    float[] known = new float[targets.length];
    int present = 0;
    for (int i = 0; i < values.length; i++) {
      if (!Double.isNaN(targets[i])) {
        values[i] = (float) targets[i];
        known[i] = 1;
        present++;
      }
    }
    Tensor predicted = backend.reshape(output, all);
    if (present == targets.length) {
      return backend.meanSquaredError(predicted, backend.tensor(values, all));
    }
    Tensor masked = backend.binary(Binary.MULTIPLY, predicted, backend.tensor(known, all));
    Tensor mean = backend.meanSquaredError(masked, backend.tensor(values, all));
    return backend.affine(mean, (double) targets.length / Math.max(1, present), 0);
  }

  private static Tensor crossEntropy(TrainableBackend backend, Tensor logits, double[] targets) {
    long[] classes = Arrays.stream(targets).mapToLong(target -> (long) target).toArray();
    return backend.crossEntropy(logits, backend.tensor(classes, Shape.of(classes.length)));
  }

  private Tensor weightedCrossEntropy(TrainableBackend backend, Tensor logits, double[] targets) {
    int batch = targets.length;
    int classes = classWeights.length;
    double total = Arrays.stream(targets).map(target -> classWeights[(int) target]).sum();
    float[] chosen = new float[batch * classes];
    float[] weights = new float[batch];
    for (int i = 0; i < batch; i++) {
      int target = (int) targets[i];
      chosen[i * classes + target] = 1;
      weights[i] = (float) (classWeights[target] / total);
    }
    Shape shape = Shape.of(batch, classes);
    int[] lengths = new int[batch];
    Arrays.fill(lengths, classes);
    Tensor largest =
        backend.maskedMax(
            backend.reshape(logits, Shape.of(batch, classes, 1)), backend.mask(lengths, classes));
    Tensor shifted = backend.binary(Binary.SUBTRACT, logits, largest);
    Tensor normaliser = backend.unary(Unary.LOG, backend.sum(backend.unary(Unary.EXP, shifted), 1));
    Tensor ofTarget =
        backend.sum(backend.binary(Binary.MULTIPLY, shifted, backend.tensor(chosen, shape)), 1);
    Tensor losses = backend.binary(Binary.SUBTRACT, normaliser, ofTarget);
    return backend.sum(
        backend.binary(Binary.MULTIPLY, losses, backend.tensor(weights, Shape.of(batch))), 0);
  }

  /** The same loss of outputs [example][output] that have left the device. */
  public double taskLoss(double[][] outputs, double[] targets) {
    int width = targets.length / outputs.length;
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < targets.length; i++) {
      double target = targets[i];
      if (!Double.isNaN(target)) {
        double[] output = outputs[i / width];
        double weight = classWeights.length == 0 ? 1 : classWeights[(int) target];
        double loss =
            switch (task) {
              case REGRESSION -> (output[i % width] - target) * (output[i % width] - target);
              case CLASSIFICATION -> logSumExp(output) - output[(int) target];
            };
        sum += weight * loss;
        weights += weight;
      }
    }
    return weights == 0 ? 0 : sum / weights;
  }

  /** The loss that is minimised: that of the task and what the fusion adds. */
  public Tensor loss(TrainableBackend backend, FusionModel.Output output, double[] targets) {
    return loss(backend, output, targets, new double[] {1, 1});
  }

  /**
   * What a part of a batch has of the loss.
   *
   * @param shares the part's share of its batch's {@link #weights}
   */
  public Tensor loss(
      TrainableBackend backend, FusionModel.Output output, double[] targets, double[] shares) {
    Tensor loss = scaled(backend, taskLoss(backend, output.values(), targets), shares[0]);
    Optional<Tensor> penalty = output.fused().penalty();
    return penalty.isEmpty()
        ? loss
        : backend.binary(Binary.ADD, loss, scaled(backend, penalty.get(), shares[1]));
  }

  private static Tensor scaled(TrainableBackend backend, Tensor loss, double factor) {
    return factor == 1 ? loss : backend.affine(loss, factor, 0);
  }

  /**
   * How much some sequences count in the mean losses of a batch: of the task by the targets that
   * are known or by the weights of the classes, in what the fusion adds by their number.
   *
   * @param targets as for {@link #taskLoss}
   * @param sequences their number
   * @return of the task, of the fusion's penalty
   */
  public double[] weights(double[] targets, int sequences) {
    double task =
        Arrays.stream(targets)
            .filter(target -> !Double.isNaN(target))
            .map(target -> classWeights.length == 0 ? 1 : classWeights[(int) target])
            .sum();
    return new double[] {task, sequences};
  }

  private static double logSumExp(double[] logits) {
    double largest = Arrays.stream(logits).max().orElseThrow();
    return largest + Math.log(Arrays.stream(logits).map(x -> Math.exp(x - largest)).sum());
  }
}
