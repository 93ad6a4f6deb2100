package org.codonfuse.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.parameters.Parameters;

/**
 * Trains a model by the protocol of {@link TrainingSettings}. What happens in a step depends on the
 * seed, the epoch and the step alone.
 */
public final class Trainer {
  private final TrainableBackend backend;
  private final FusionModel model;
  private final Objective objective;
  private final TrainingSettings settings;

  /**
   * @param backend computes and differentiates
   * @param model what is trained
   * @param objective what is minimised
   * @param settings how
   */
  public Trainer(
      TrainableBackend backend, FusionModel model, Objective objective, TrainingSettings settings) {
    this.backend = backend;
    this.model = model;
    this.objective = objective;
    this.settings = settings;
  }

  /**
   * Examples and what is to be predicted for them.
   *
   * @param examples the inputs
   * @param targets standardised values or classes
   */
  public record Labelled(Examples examples, double[] targets) {}

  /**
   * A finished training.
   *
   * @param history all epochs
   * @param best the epoch with the lowest validation loss, whose parameters are the model's
   */
  public record Result(List<Epoch> history, Epoch best) {}

  /** Measures raw outputs of the validation split, larger is better. */
  @FunctionalInterface
  public interface Metric {
    /** The metric of outputs [example][output]. */
    double of(double[][] outputs);
  }

  /**
   * Trains until the protocol ends and leaves the best epoch's parameters.
   *
   * @param parameters trainable ones of the model
   * @param observer is told of every epoch
   * @throws CodonfuseException if a loss is not finite, naming the epoch and the training batch
   */
  public Result train(
      Parameters parameters,
      Labelled training,
      Labelled validation,
      Metric metric,
      Consumer<Epoch> observer) {
    PlateauSchedule schedule =
        new PlateauSchedule(
            settings.learningRate(), settings.plateauPatience(), settings.plateauFactor());
    Predictor predictor = new Predictor(backend, model, settings.batchSize());
    List<Epoch> history = new ArrayList<>();
    Epoch best = null;
    Map<String, float[]> bestValues = null;
    AdamOptions options = AdamOptions.of(settings.learningRate(), settings.weightDecay());
    try (Optimizer optimizer = backend.adam(parameters.tensors(), options)) {
      for (int number = 1; number <= settings.epochs(); number++) {
        long start = System.nanoTime();
        double rate = schedule.rate();
        double trainingLoss = epoch(parameters, optimizer, training, number, rate);
        double[][] outputs = predictor.predict(parameters, validation.examples());
        double validationLoss = objective.taskLoss(outputs, validation.targets());
        requireFinite("validation", validationLoss, "after epoch " + number);
        Epoch epoch =
            new Epoch(
                number,
                rate,
                trainingLoss,
                validationLoss,
                metric.of(outputs),
                (System.nanoTime() - start) / 1e9);
        history.add(epoch);
        if (best == null || validationLoss < best.validationLoss()) {
          best = epoch;
          bestValues = parameters.snapshot();
        }
        observer.accept(epoch);
        if (number - best.number() >= settings.patience()) {
          break;
        }
        schedule.epochEnded(validationLoss);
      }
    }
    parameters.restore(backend, bestValues);
    return new Result(List.copyOf(history), best);
  }

  private double epoch(
      Parameters parameters, Optimizer optimizer, Labelled training, int number, double rate) {
    SplittableRandom random = new SplittableRandom(Seeds.mix(settings.seed(), number, 0));
    int[] order = shuffled(training.examples().size(), random);
    double sum = 0;
    int step = 0;
    try (Prefetch batches = new Prefetch(training.examples(), order, settings.batchSize())) {
      while (batches.hasNext()) {
        Prefetch.Step next = batches.next();
        int[] members = next.members();
        backend.seed(Seeds.mix(settings.seed(), number, ++step));
        try (Scope _ = backend.openScope(Mode.TRAINING)) {
          FusionModel.Output output = model.forward(backend, parameters, next.batch().on(backend));
          double[] targets =
              Arrays.stream(members).mapToDouble(i -> training.targets()[i]).toArray();
          Tensor loss = objective.loss(backend, output, targets);
          double value = loss.item();
          requireFinite("training", value, "in epoch " + number + ", batch " + step);
          sum += value * members.length;
          optimizer.zeroGradients();
          backend.backward(loss);
          optimizer.step(rate);
        }
      }
    }
    return sum / order.length;
  }

  private static void requireFinite(String split, double loss, String when) {
    if (!Double.isFinite(loss)) {
      throw new CodonfuseException(
          "The %s loss became %s %s; lower --learning-rate or look for extreme targets."
              .formatted(split, loss, when));
    }
  }

  private static int[] shuffled(int size, SplittableRandom random) {
    int[] order = IntStream.range(0, size).toArray();
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
