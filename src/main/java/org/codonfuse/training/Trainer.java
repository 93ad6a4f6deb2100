package org.codonfuse.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.parameters.Parameters;

/**
 * Trains by the protocol of {@link TrainingSettings}. What happens in a step depends on the seed,
 * the epoch and the step alone.
 *
 * @param <P> a part of a batch
 */
public final class Trainer<P extends Learner.Part> {
  /** Sequences of a batch that a message names. */
  private static final int NAMED = 3;

  private final TrainableBackend backend;
  private final Learner<P> learner;
  private final TrainingSettings settings;

  /**
   * @param backend computes and differentiates
   * @param learner what is minimised
   * @param settings how
   */
  public Trainer(TrainableBackend backend, Learner<P> learner, TrainingSettings settings) {
    this.backend = backend;
    this.learner = learner;
    this.settings = settings;
  }

  /**
   * A finished training.
   *
   * @param history all epochs
   * @param best the epoch with the lowest validation loss, whose parameters are the model's
   */
  public record Result(List<Epoch> history, Epoch best) {}

  /**
   * Trains until the protocol ends and leaves the best epoch's parameters.
   *
   * @param parameters trainable ones of the model
   * @param observer is told of every step and epoch
   * @throws CodonfuseException if a loss or a gradient is not finite, naming the epoch and the
   *     training batch
   */
  public Result train(Parameters parameters, TrainingObserver observer) {
    return train(parameters, observer, Optional.empty());
  }

  /**
   * The same from where an earlier process was interrupted, if there is a checkpoint of it; the
   * result is that of a training without interruption on the same number of threads.
   *
   * @param observer is told of earlier steps and epochs, too
   * @param checkpoint where to go on, and to keep how far the training is
   */
  public Result train(
      Parameters parameters, TrainingObserver observer, Optional<TrainingCheckpoint> checkpoint) {
    AdamOptions options = AdamOptions.of(settings.learningRate(), settings.weightDecay());
    double[] factors = parameters.names().stream().mapToDouble(learner::rateFactor).toArray();
    try (Optimizer optimizer = backend.adam(parameters.tensors(), factors, options)) {
      TrainingState state = new TrainingState(settings, learner.firstStage());
      checkpoint.ifPresent(c -> c.restore(backend, parameters, optimizer, state));
      observer.stepsTaken((long) state.history().size() * stepsOfEpoch() + state.step());
      state.history().forEach(observer::epochEnded);
      try {
        while (!state.ended()) {
          observer.epochEnded(epoch(parameters, optimizer, state, observer, checkpoint));
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

  /** The steps of all epochs, if none of them is spared. */
  public long steps() {
    return (long) settings.epochs() * stepsOfEpoch();
  }

  private int stepsOfEpoch() {
    return Math.ceilDiv(learner.size(), settings.batchSize());
  }

  private Epoch epoch(
      Parameters parameters,
      Optimizer optimizer,
      TrainingState state,
      TrainingObserver observer,
      Optional<TrainingCheckpoint> checkpoint) {
    long start = System.nanoTime();
    int number = state.epoch();
    double rate = steps(parameters, optimizer, state, observer, checkpoint);
    Learner.Evaluation validation = learner.evaluate(number, parameters);
    if (!Double.isFinite(validation.loss())) {
      throw new NotFinite(
          "validation loss", validation.loss(), "after epoch " + number, learner.remedy());
    }
    Epoch epoch =
        new Epoch(
            number,
            rate,
            state.trainingLoss(learner.size()),
            validation.loss(),
            validation.metric(),
            (System.nanoTime() - start) / 1e9);
    state.epochEnded(
        epoch,
        state.improves(validation.loss()) ? Optional.of(parameters.snapshot()) : Optional.empty());
    checkpoint.ifPresent(c -> c.saveIfDue(backend, parameters, optimizer, state));
    return epoch;
  }

  /** The steps of an epoch that are left, and the learning rate of the last. */
  private double steps(
      Parameters parameters,
      Optimizer optimizer,
      TrainingState state,
      TrainingObserver observer,
      Optional<TrainingCheckpoint> checkpoint) {
    int number = state.epoch();
    SplittableRandom random = new SplittableRandom(Seeds.mix(settings.seed(), number, 0));
    List<int[]> all =
        Batches.random(
            learner.size(), learner::length, settings.batchSize(), settings.bucket(), random);
    double rate = state.rate().at(number, Math.max(0, all.size() - 1), Math.max(1, all.size()));
    try (Prefetch<List<P>> batches =
        new Prefetch<>(all.subList(state.step(), all.size()), members -> gather(number, members))) {
      while (batches.hasNext()) {
        Prefetch.Step<List<P>> next = batches.next();
        rate = state.rate().at(number, state.step(), all.size());
        double loss = step(parameters, optimizer, next, state, rate);
        state.stepTaken(loss, next.members().length);
        observer.stepsTaken(1);
        checkpoint.ifPresent(c -> c.saveIfDue(backend, parameters, optimizer, state));
      }
    }
    return rate;
  }

  /** A batch in the parts that are computed at once. */
  private List<P> gather(int epoch, int[] members) {
    int atOnce = settings.sequencesAtOnce();
    if (members.length <= atOnce) {
      return List.of(learner.gather(epoch, members));
    }
    List<P> parts = new ArrayList<>();
    for (int[] some : Batches.of(Batches.sorted(members, learner::length), atOnce)) {
      parts.add(learner.gather(epoch, some));
    }
    return parts;
  }

  private double step(
      Parameters parameters,
      Optimizer optimizer,
      Prefetch.Step<List<P>> batch,
      TrainingState state,
      double rate) {
    int[] members = batch.members();
    int step = state.step() + 1;
    optimizer.zeroGradients();
    double loss = accumulate(parameters, batch.batch(), state.epoch(), step);
    requireFinite("training loss", loss, state.epoch(), step, members);
    double limit = settings.clipNorm() > 0 ? settings.clipNorm() : Double.POSITIVE_INFINITY;
    double norm = optimizer.clipGradients(limit);
    requireFinite("gradient's norm", norm, state.epoch(), step, members);
    optimizer.step(rate);
    return loss;
  }

  /** Adds up the gradients of a batch; its loss. */
  private double accumulate(Parameters parameters, List<P> parts, int epoch, int step) {
    double[] whole = new double[parts.getFirst().weights().length];
    parts.forEach(part -> Arrays.setAll(whole, i -> whole[i] + part.weights()[i]));
    double loss = 0;
    for (int p = 0; p < parts.size(); p++) {
      P part = parts.get(p);
      double[] shares = part.weights().clone();
      Arrays.setAll(shares, i -> shares[i] == whole[i] ? 1 : shares[i] / whole[i]);
      long seed =
          p == 0
              ? Seeds.mix(settings.seed(), epoch, step)
              : Seeds.mix(settings.seed(), epoch, step, p);
      backend.seed(seed);
      try (Scope scope = backend.openScope(Mode.TRAINING, settings.precision())) {
        loss += learner.accumulate(new Learner.Step(scope, seed), parameters, part, shares);
      }
    }
    return loss;
  }

  private void requireFinite(String what, double value, int epoch, int step, int[] members) {
    if (!Double.isFinite(value)) {
      String named =
          Arrays.stream(members)
              .limit(NAMED)
              .mapToObj(i -> "'" + learner.name(i) + "'")
              .collect(Collectors.joining(", "));
      throw new NotFinite(
          what,
          value,
          "in epoch %d, batch %d (%s%s)"
              .formatted(epoch, step, named, members.length > NAMED ? ", …" : ""),
          learner.remedy());
    }
  }

  /** A number that a training cannot go on with. */
  private static final class NotFinite extends CodonfuseException {
    private static final long serialVersionUID = 1;

    NotFinite(String what, double value, String when, String remedy) {
      super("The %s became %s %s; %s.".formatted(what, value, when, remedy));
    }
  }
}
