package org.codonfuse.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.GradientReduction;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.Repetition;
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
  private final ProcessGroup group;
  private final BooleanSupplier stop;

  /**
   * @param backend computes and differentiates
   * @param learner what is minimised
   * @param settings how
   */
  public Trainer(TrainableBackend backend, Learner<P> learner, TrainingSettings settings) {
    this(backend, learner, settings, ProcessGroup.alone(), () -> false);
  }

  /**
   * @param group processes that train together: each has the same learner and settings and computes
   *     some of the parts of every batch, whose gradients are added up
   * @param stop whether to end with a checkpoint after the step under way; one process that is to
   *     stop stops all
   */
  public Trainer(
      TrainableBackend backend,
      Learner<P> learner,
      TrainingSettings settings,
      ProcessGroup group,
      BooleanSupplier stop) {
    this.backend = backend;
    this.learner = learner;
    this.settings = settings;
    this.group = group;
    this.stop = stop;
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
   * @throws TrainingStopped if it was to stop
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
    try (Optimizer optimizer = backend.adam(parameters.tensors(), factors, options);
        GradientReduction reduction = group.reduction(parameters.tensors());
        Repetition repetition = backend.repetition()) {
      Means means = new Means(parameters, optimizer, reduction, repetition);
      TrainingState state = new TrainingState(settings, learner.firstStage());
      checkpoint.ifPresent(c -> c.restore(backend, parameters, optimizer, state));
      requireTogether(state);
      observer.stepsTaken((long) state.history().size() * stepsOfEpoch() + state.step());
      state.history().forEach(observer::epochEnded);
      try {
        while (!state.ended()) {
          observer.epochEnded(epoch(means, state, observer, checkpoint));
        }
      } catch (NotFinite e) {
        // Going on would only fail again.
        kept(checkpoint).ifPresent(TrainingCheckpoint::discard);
        throw e;
      }
      parameters.restore(backend, state.bestValues().orElseThrow());
      return new Result(List.copyOf(state.history()), state.best());
    }
  }

  /** What this process keeps: the first does for all, whose states are the same. */
  private Optional<TrainingCheckpoint> kept(Optional<TrainingCheckpoint> checkpoint) {
    return checkpoint.filter(_ -> group.leads());
  }

  /** The steps of all epochs, if none of them is spared. */
  public long steps() {
    return (long) settings.epochs() * stepsOfEpoch();
  }

  private int stepsOfEpoch() {
    return Math.ceilDiv(learner.size(), settings.batchSize());
  }

  /** What steps are taken with. */
  private record Means(
      Parameters parameters,
      Optimizer optimizer,
      GradientReduction reduction,
      Repetition repetition) {}

  private Epoch epoch(
      Means means,
      TrainingState state,
      TrainingObserver observer,
      Optional<TrainingCheckpoint> checkpoint) {
    long start = System.nanoTime();
    int number = state.epoch();
    double rate = steps(means, state, observer, checkpoint);
    Learner.Evaluation validation = learner.evaluate(number, means.parameters);
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
        state.improves(validation.loss())
            ? Optional.of(means.parameters.snapshot())
            : Optional.empty());
    kept(checkpoint).ifPresent(c -> c.saveIfDue(backend, means.parameters, means.optimizer, state));
    return epoch;
  }

  /** The steps of an epoch that are left, and the learning rate of the last. */
  private double steps(
      Means means,
      TrainingState state,
      TrainingObserver observer,
      Optional<TrainingCheckpoint> checkpoint) {
    int number = state.epoch();
    SplittableRandom random = new SplittableRandom(Seeds.mix(settings.seed(), number, 0));
    List<int[]> all =
        Batches.random(
            learner.size(), learner::length, settings.batchSize(), settings.bucket(), random);
    double rate = state.rate().at(number, Math.max(0, all.size() - 1), Math.max(1, all.size()));
    try (Prefetch<List<Numbered<P>>> batches =
        new Prefetch<>(
            all.subList(state.step(), all.size()),
            members -> gather(number, members),
            Trainer::close)) {
      while (batches.hasNext()) {
        Prefetch.Step<List<Numbered<P>>> next = batches.next();
        rate = state.rate().at(number, state.step(), all.size());
        Taken taken;
        try {
          taken = step(means, next, state, rate);
        } finally {
          close(next.batch());
        }
        state.stepTaken(taken.loss, next.members().length);
        observer.stepsTaken(1);
        if (taken.stop) {
          kept(checkpoint)
              .ifPresent(c -> c.save(backend, means.parameters, means.optimizer, state));
          // Whoever left before would end the one that saves.
          group.await();
          throw new TrainingStopped(number, state.step(), checkpoint.isPresent());
        }
        kept(checkpoint)
            .ifPresent(c -> c.saveIfDue(backend, means.parameters, means.optimizer, state));
      }
    }
    return rate;
  }

  /**
   * A part that this process computes.
   *
   * @param number among all parts of the batch
   */
  private record Numbered<P>(int number, P part) {}

  /**
   * What a step told.
   *
   * @param loss of the batch
   * @param stop whether a process is to stop
   */
  private record Taken(double loss, boolean stop) {}

  /** Of the parts that a batch is computed in those of this process. */
  private List<Numbered<P>> gather(int epoch, int[] members) {
    int atOnce = settings.sequencesAtOnce();
    List<int[]> parts =
        members.length <= atOnce
            ? List.of(members)
            : Batches.of(Batches.sorted(members, learner::length), atOnce);
    List<Numbered<P>> ours = new ArrayList<>();
    try {
      for (int p = group.rank(); p < parts.size(); p += group.size()) {
        ours.add(new Numbered<>(p, learner.gather(epoch, parts.get(p))));
      }
    } catch (RuntimeException | Error e) {
      close(ours);
      throw e;
    }
    return ours;
  }

  private static <P extends Learner.Part> void close(List<Numbered<P>> parts) {
    parts.forEach(each -> each.part.close());
  }

  /**
   * The losses of this process's parts of a batch, which a device may yet have to compute.
   *
   * @param parts in their order
   */
  private record Losses(List<HostRead> parts) implements AutoCloseable {
    double sum() {
      double sum = 0;
      for (HostRead part : parts) {
        sum += part.await()[0];
      }
      return sum;
    }

    @Override
    public void close() {
      parts.forEach(HostRead::close);
    }
  }

  /** All that a device is to do is asked for before anything is waited for. */
  private Taken step(
      Means means, Prefetch.Step<List<Numbered<P>>> batch, TrainingState state, double rate) {
    List<Numbered<P>> parts = batch.batch();
    Optional<Object> form =
        group.size() == 1 && parts.size() == 1 ? parts.getFirst().part.form() : Optional.empty();
    if (form.isPresent()) {
      return repeated(means, form.get(), batch, state, rate);
    }
    int[] members = batch.members();
    int step = state.step() + 1;
    means.optimizer.zeroGradients();
    try (Losses losses = new Losses(new ArrayList<>())) {
      accumulate(means.parameters, means.reduction, parts, state.epoch(), step, losses);
      boolean alone = group.size() == 1;
      double[] sums = {alone ? 0 : losses.sum(), stop.getAsBoolean() ? 1 : 0};
      means.reduction.finish(sums);
      try (HostRead norm = means.optimizer.clipGradients(largestNorm())) {
        means.optimizer.step(rate);
        // What is not finite has spoilt the parameters, but the training ends with it.
        double loss = alone ? losses.sum() : sums[0];
        requireFinite(loss, norm, state, members);
        return new Taken(loss, sums[1] > 0);
      }
    }
  }

  /** A step on a whole batch by the only process, which a device may have been told before. */
  private Taken repeated(
      Means means,
      Object form,
      Prefetch.Step<List<Numbered<P>>> batch,
      TrainingState state,
      double rate) {
    long seed = Seeds.mix(settings.seed(), state.epoch(), state.step() + 1);
    backend.seed(seed);
    P part = batch.batch().getFirst().part;
    double[] whole = new double[learner.terms()];
    Arrays.fill(whole, 1);
    List<HostRead> reads =
        means.repetition.run(
            form,
            () -> {
              means.optimizer.zeroGradients();
              HostRead loss;
              try (Scope scope = backend.openScope(Mode.TRAINING, settings.precision())) {
                loss =
                    learner.accumulate(
                        new Learner.Step(scope, seed), means.parameters, part, whole);
              }
              try {
                HostRead norm = means.optimizer.clipGradients(largestNorm());
                means.optimizer.step(rate);
                return List.of(loss, norm);
              } catch (RuntimeException | Error e) {
                loss.close();
                throw e;
              }
            });
    try (HostRead read = reads.getFirst();
        HostRead norm = reads.getLast()) {
      double loss = read.await()[0];
      requireFinite(loss, norm, state, batch.members());
      return new Taken(loss, stop.getAsBoolean());
    }
  }

  private double largestNorm() {
    return settings.clipNorm() > 0 ? settings.clipNorm() : Double.POSITIVE_INFINITY;
  }

  private void requireFinite(double loss, HostRead norm, TrainingState state, int[] members) {
    int step = state.step() + 1;
    requireFinite("training loss", loss, state.epoch(), step, members);
    requireFinite("gradient's norm", norm.await()[0], state.epoch(), step, members);
  }

  /**
   * Adds up the gradients of this process's parts of a batch, and adds what they have of its loss.
   */
  private void accumulate(
      Parameters parameters,
      GradientReduction reduction,
      List<Numbered<P>> parts,
      int epoch,
      int step,
      Losses losses) {
    double[] whole = new double[learner.terms()];
    parts.forEach(each -> Arrays.setAll(whole, i -> whole[i] + each.part.weights()[i]));
    group.sum(whole);
    for (int i = 0; i < parts.size(); i++) {
      Numbered<P> each = parts.get(i);
      double[] shares = each.part.weights().clone();
      Arrays.setAll(shares, t -> shares[t] == whole[t] ? 1 : shares[t] / whole[t]);
      long seed =
          each.number == 0
              ? Seeds.mix(settings.seed(), epoch, step)
              : Seeds.mix(settings.seed(), epoch, step, each.number);
      backend.seed(seed);
      if (i == parts.size() - 1) {
        reduction.arm();
      }
      try (Scope scope = backend.openScope(Mode.TRAINING, settings.precision())) {
        losses.parts.add(
            learner.accumulate(new Learner.Step(scope, seed), parameters, each.part, shares));
      }
    }
  }

  /**
   * @throws CodonfuseException if the processes do not stand at the same step
   */
  private void requireTogether(TrainingState state) {
    double place = (double) state.epoch() * stepsOfEpoch() + state.step();
    double[] first = {group.leads() ? place : 0};
    group.sum(first);
    double[] elsewhere = {first[0] == place ? 0 : 1};
    group.sum(elsewhere);
    if (elsewhere[0] > 0) {
      throw new CodonfuseException(
          "The processes do not see the same checkpoint; the output must lie on a file system that"
              + " all their machines share.");
    }
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
