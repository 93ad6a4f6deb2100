package org.codonfuse.training;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
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
  /** Sequences of a batch that a message names. */
  private static final int NAMED = 3;

  private final TrainableBackend backend;
  private final FusionModel model;
  private final Objective objective;
  private final TrainingSettings settings;
  private final IntFunction<String> names;

  /**
   * @param backend computes and differentiates
   * @param model what is trained
   * @param objective what is minimised
   * @param settings how
   */
  public Trainer(
      TrainableBackend backend, FusionModel model, Objective objective, TrainingSettings settings) {
    this(backend, model, objective, settings, Integer::toString);
  }

  /**
   * @param names what training examples are called, by index
   */
  public Trainer(
      TrainableBackend backend,
      FusionModel model,
      Objective objective,
      TrainingSettings settings,
      IntFunction<String> names) {
    this.backend = backend;
    this.model = model;
    this.objective = objective;
    this.settings = settings;
    this.names = names;
  }

  /**
   * Examples and what is to be predicted for them.
   *
   * @param examples the inputs
   * @param targets [examples · targets] standardised values in row-major order, NaN where one is
   *     not known; or [examples] classes
   */
  public record Labelled(Examples examples, double[] targets) {
    /** The targets of some examples, [members · targets]. */
    double[] targets(int[] members) {
      int width = targets.length / examples.size();
      return Arrays.stream(members)
          .flatMap(member -> IntStream.range(member * width, (member + 1) * width))
          .mapToDouble(i -> targets[i])
          .toArray();
    }
  }

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
   * @throws CodonfuseException if a loss or a gradient is not finite, naming the epoch and the
   *     training batch
   */
  public Result train(
      Parameters parameters,
      Labelled training,
      Labelled validation,
      Metric metric,
      Consumer<Epoch> observer) {
    return train(parameters, training, validation, metric, observer, Optional.empty());
  }

  /**
   * The same from where an earlier process was interrupted, if there is a checkpoint of it; the
   * result is that of a training without interruption on the same number of threads.
   *
   * @param observer is told of earlier epochs, too
   * @param checkpoint where to go on, and to keep how far the training is
   */
  public Result train(
      Parameters parameters,
      Labelled training,
      Labelled validation,
      Metric metric,
      Consumer<Epoch> observer,
      Optional<TrainingCheckpoint> checkpoint) {
    AdamOptions options = AdamOptions.of(settings.learningRate(), settings.weightDecay());
    try (Optimizer optimizer = backend.adam(parameters.tensors(), options)) {
      TrainingState state = new TrainingState(settings);
      checkpoint.ifPresent(c -> c.restore(backend, parameters, optimizer, state));
      state.history().forEach(observer);
      try {
        while (!state.ended()) {
          observer.accept(
              epoch(parameters, optimizer, training, validation, metric, state, checkpoint));
        }
      } catch (NotFinite e) {
        // Going on would only fail again.
        checkpoint.ifPresent(TrainingCheckpoint::discard);
        throw e;
      }
      parameters.restore(backend, state.bestValues().orElseThrow());
      return new Result(List.copyOf(state.history()), state.best());
    }
  }

  private Epoch epoch(
      Parameters parameters,
      Optimizer optimizer,
      Labelled training,
      Labelled validation,
      Metric metric,
      TrainingState state,
      Optional<TrainingCheckpoint> checkpoint) {
    long start = System.nanoTime();
    int number = state.epoch();
    double rate = steps(parameters, optimizer, training, state, checkpoint);
    double[][] outputs =
        new Predictor(backend, model, settings.batchSize())
            .predict(parameters, validation.examples());
    double validationLoss = objective.taskLoss(outputs, validation.targets());
    if (!Double.isFinite(validationLoss)) {
      throw new NotFinite("validation loss", validationLoss, "after epoch " + number);
    }
    Epoch epoch =
        new Epoch(
            number,
            rate,
            state.trainingLoss(training.examples().size()),
            validationLoss,
            metric.of(outputs),
            (System.nanoTime() - start) / 1e9);
    state.epochEnded(
        epoch,
        state.improves(validationLoss) ? Optional.of(parameters.snapshot()) : Optional.empty());
    checkpoint.ifPresent(c -> c.saveIfDue(backend, parameters, optimizer, state));
    return epoch;
  }

  /** The steps of an epoch that are left, and the learning rate of the last. */
  private double steps(
      Parameters parameters,
      Optimizer optimizer,
      Labelled training,
      TrainingState state,
      Optional<TrainingCheckpoint> checkpoint) {
    int number = state.epoch();
    SplittableRandom random = new SplittableRandom(Seeds.mix(settings.seed(), number, 0));
    List<int[]> all =
        Batches.random(training.examples(), settings.batchSize(), settings.bucket(), random);
    double rate = state.rate().at(number, Math.max(0, all.size() - 1), Math.max(1, all.size()));
    try (Prefetch batches =
        new Prefetch(training.examples(), all.subList(state.step(), all.size()))) {
      while (batches.hasNext()) {
        Prefetch.Step next = batches.next();
        rate = state.rate().at(number, state.step(), all.size());
        double loss = step(parameters, optimizer, training, next, state, rate);
        state.stepTaken(loss, next.members().length);
        checkpoint.ifPresent(c -> c.saveIfDue(backend, parameters, optimizer, state));
      }
    }
    return rate;
  }

  private double step(
      Parameters parameters,
      Optimizer optimizer,
      Labelled training,
      Prefetch.Step batch,
      TrainingState state,
      double rate) {
    int[] members = batch.members();
    int step = state.step() + 1;
    backend.seed(Seeds.mix(settings.seed(), state.epoch(), step));
    try (Scope _ = backend.openScope(Mode.TRAINING, settings.precision())) {
      FusionModel.Output output = model.forward(backend, parameters, batch.batch().on(backend));
      Tensor loss = objective.loss(backend, output, training.targets(members));
      double value = loss.item();
      requireFinite("training loss", value, state.epoch(), step, members);
      optimizer.zeroGradients();
      backend.backward(loss);
      double limit = settings.clipNorm() > 0 ? settings.clipNorm() : Double.POSITIVE_INFINITY;
      requireFinite(
          "gradient's norm", optimizer.clipGradients(limit), state.epoch(), step, members);
      optimizer.step(rate);
      return value;
    }
  }

  private void requireFinite(String what, double value, int epoch, int step, int[] members) {
    if (!Double.isFinite(value)) {
      String named =
          Arrays.stream(members)
              .limit(NAMED)
              .mapToObj(i -> "'" + names.apply(i) + "'")
              .collect(Collectors.joining(", "));
      throw new NotFinite(
          what,
          value,
          "in epoch %d, batch %d (%s%s)"
              .formatted(epoch, step, named, members.length > NAMED ? ", …" : ""));
    }
  }

  /** A number that a training cannot go on with. */
  private static final class NotFinite extends CodonfuseException {
    private static final long serialVersionUID = 1;

    NotFinite(String what, double value, String when) {
      super(
          "The %s became %s %s; lower --learning-rate or look for extreme targets."
              .formatted(what, value, when));
    }
  }
}
