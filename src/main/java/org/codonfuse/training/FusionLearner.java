package org.codonfuse.training;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.parameters.Parameters;

/** A fusion and its head, on embeddings that stay as they are, or with encoders that learn. */
public final class FusionLearner implements Learner<FusionLearner.Gathered> {
  private final TrainableBackend backend;
  private final FusionModel model;
  private final Objective objective;
  private final Labelled training;
  private final Labelled validation;
  private final Metric metric;
  private final IntFunction<String> names;
  private final int batchSize;
  private final TunedEncoders encoders;
  private final double encoderFactor;
  private final ProcessGroup group;

  /**
   * @param backend computes and differentiates
   * @param model what is trained
   * @param objective what is minimised
   * @param training what it learns from
   * @param validation what it is measured on
   * @param metric of the outputs there
   * @param names what training examples are called, by index
   * @param batchSize sequences at a time where nothing is learned
   */
  public FusionLearner(
      TrainableBackend backend,
      FusionModel model,
      Objective objective,
      Labelled training,
      Labelled validation,
      Metric metric,
      IntFunction<String> names,
      int batchSize) {
    this(
        backend,
        model,
        objective,
        training,
        validation,
        metric,
        names,
        batchSize,
        TunedEncoders.none(backend),
        1,
        ProcessGroup.alone());
  }

  /**
   * @param encoders that learn with the model; examples of which none is to run leave them as they
   *     are
   * @param encoderFactor their learning rate as a share of the model's
   * @param group the processes that share the work
   */
  public FusionLearner(
      TrainableBackend backend,
      FusionModel model,
      Objective objective,
      Labelled training,
      Labelled validation,
      Metric metric,
      IntFunction<String> names,
      int batchSize,
      TunedEncoders encoders,
      double encoderFactor,
      ProcessGroup group) {
    this.group = group;
    this.encoders = encoders;
    this.encoderFactor = encoderFactor;
    this.backend = backend;
    this.model = model;
    this.objective = objective;
    this.training = training;
    this.validation = validation;
    this.metric = metric;
    this.names = names;
    this.batchSize = batchSize;
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

  /** Measures raw outputs of the validation split, larger is better. */
  @FunctionalInterface
  public interface Metric {
    /** The metric of outputs [example][output]. */
    double of(double[][] outputs);
  }

  /**
   * Some examples.
   *
   * @param inputs their rows
   * @param targets as in {@link Labelled}
   * @param weights see {@link Objective#weights}
   */
  public record Gathered(HostBatch inputs, double[] targets, double[] weights)
      implements Learner.Part {
    @Override
    public Optional<Object> form() {
      boolean known = Arrays.stream(targets).noneMatch(Double::isNaN);
      return known && inputs.live().isEmpty() ? Optional.of(inputs.form()) : Optional.empty();
    }

    @Override
    public void close() {
      inputs.close();
    }
  }

  @Override
  public int terms() {
    return Objective.TERMS;
  }

  @Override
  public int size() {
    return training.examples().size();
  }

  @Override
  public int length(int example) {
    return training.examples().codons(example);
  }

  @Override
  public String name(int example) {
    return names.apply(example);
  }

  @Override
  public String remedy() {
    return "lower --learning-rate or look for extreme targets";
  }

  @Override
  public double rateFactor(String parameter) {
    return encoders.learns(parameter) ? encoderFactor : 1;
  }

  @Override
  public Gathered gather(int epoch, int[] members) {
    double[] targets = training.targets(members);
    double[] weights = objective.weights(targets, members.length);
    return new Gathered(training.examples().gather(backend, members), targets, weights);
  }

  @Override
  public HostRead accumulate(Step step, Parameters parameters, Gathered part, double[] shares) {
    TunedEncoders.Embedded inputs =
        encoders.embed(parameters, part.inputs, step.scope(), step.seed());
    FusionModel.Output output = model.forward(backend, parameters, inputs.batch());
    Tensor loss = objective.loss(backend, output, part.targets, shares);
    return Learner.reading(
        backend,
        loss,
        () -> {
          backend.backward(loss);
          inputs.backward();
        });
  }

  @Override
  public Evaluation evaluate(int epoch, Parameters parameters) {
    double[][] outputs =
        new Predictor(backend, model, Optional.of(encoders), batchSize, group)
            .predict(parameters, validation.examples());
    double loss = objective.taskLoss(outputs, validation.targets());
    return new Evaluation(loss, Double.isFinite(loss) ? metric.of(outputs) : Double.NaN);
  }
}
