package org.codonfuse.training.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.io.Progress;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.Examples;
import org.codonfuse.training.FusionLearner;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.Learner;
import org.codonfuse.training.Objective;
import org.codonfuse.training.Predictor;
import org.codonfuse.training.StagedLearner;
import org.codonfuse.training.Trainer;
import org.codonfuse.training.TrainingCheckpoint;
import org.codonfuse.training.TrainingObserver;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.TreeDifference;
import org.codonfuse.training.TunedEncoders;
import org.codonfuse.training.metrics.MetricReport;

/** From examples to a run: trains a model, and the encoders that learn with it, and writes it. */
final class ModelTraining {
  private final TrainableBackend backend;
  private final TrainingRun.Settings settings;
  private final TrainingInputs inputs;
  private final TrainingInputs.Prepared prepared;
  private final Dataset dataset;
  private final ProcessGroup group;
  private final BooleanSupplier stop;

  ModelTraining(
      TrainableBackend backend,
      TrainingRun.Settings settings,
      TrainingInputs inputs,
      TrainingInputs.Prepared prepared,
      Dataset dataset,
      ProcessGroup group,
      BooleanSupplier stop) {
    this.group = group;
    this.stop = stop;
    this.backend = backend;
    this.settings = settings;
    this.inputs = inputs;
    this.prepared = prepared;
    this.dataset = dataset;
  }

  /**
   * Trains and writes the run.
   *
   * @param kept where it is kept how far the training is
   * @param output receives the files, in the process that writes
   * @param data what is said of the examples
   * @param fusion of that configuration
   * @param observer is told what will be trained before the first step
   * @param checkpoints time between two checkpoints
   * @throws CodonfuseException if the memory does not suffice, or a loss is not finite
   */
  TrainingRun.Outcome train(
      Path kept,
      Optional<RunDirectory> output,
      RunConfig.Data data,
      FusionConfig fusionConfig,
      Fusion fusion,
      Consumer<TrainingPlan> observer,
      Progress progress,
      Duration checkpoints) {
    boolean numbers = dataset.task() == Task.REGRESSION;
    HeadConfig head =
        settings.head().withOutputs(numbers ? dataset.targets().size() : dataset.classes().size());
    FusionModel model = new FusionModel(fusion, head.create(fusion.width()));
    List<TargetConfig> targets = TargetConfig.of(dataset);
    Outputs outputs = new Outputs(dataset.task(), dataset.classes(), targets);
    List<Double> classWeights = classWeights();
    TrainingSettings protocol = settings.training();
    List<Example> training = dataset.of(Split.TRAIN);
    List<Example> validation = dataset.of(Split.VALIDATION);
    TrainingPlan plan = plan(model.parameters(), inputs.tuned(), prepared.examples());
    observer.accept(plan);
    RunConfig planned =
        new RunConfig(
            RunConfig.FORMAT,
            settings.embedding().version(),
            backend.description(),
            dataset.task(),
            dataset.classes(),
            data,
            inputs.describe(),
            fusionConfig,
            head,
            targets,
            classWeights,
            protocol,
            settings.tuning(),
            plan.size(),
            0);
    String identity = RunIdentity.of(planned, dataset);
    requireSame(identity);
    TrainingCheckpoint checkpoint = new TrainingCheckpoint(kept, identity, checkpoints);
    List<ParameterSpec> specs = new ArrayList<>(model.parameters());
    specs.addAll(inputs.tuned().parameters());
    try (Parameters parameters = Parameters.initialiseTrainable(backend, specs, protocol.seed())) {
      Function<Examples, FusionLearner> learning =
          examples ->
              new FusionLearner(
                  backend,
                  model,
                  new Objective(dataset.task(), classWeights),
                  labelled(examples, Split.TRAIN, targets),
                  labelled(examples, Split.VALIDATION, targets),
                  raw -> outputs.headline(validation, raw),
                  i -> training.get(i).id(),
                  protocol.sequencesAtOnce(),
                  inputs.tuned(),
                  settings.tuning().learningRate() / protocol.learningRate(),
                  group);
      Learner<FusionLearner.Gathered> together = learning.apply(prepared.examples());
      Learner<FusionLearner.Gathered> learner =
          prepared
              .firstStage()
              .<Learner<FusionLearner.Gathered>>map(
                  before ->
                      new StagedLearner<>(
                          learning.apply(before), settings.tuning().headEpochs(), together))
              .orElse(together);
      Trainer<FusionLearner.Gathered> trainer =
          new Trainer<>(backend, learner, protocol, group, stop);
      Trainer.Result result;
      try (Progress.Task task = progress.start("Training " + fusion.name(), trainer.steps())) {
        result =
            trainer.train(
                parameters,
                TrainingObserver.showing(
                    task,
                    epoch ->
                        "validation loss %.4f, %s %.4f"
                            .formatted(
                                epoch.validationLoss(),
                                outputs.headline(),
                                epoch.validationMetric())),
                Optional.of(checkpoint));
      }
      double[][] raw =
          new Predictor(
                  backend, model, Optional.of(inputs.tuned()), protocol.sequencesAtOnce(), group)
              .predict(parameters, prepared.examples());
      RunConfig config = planned.withBestEpoch(result.best().number());
      SequencedMap<Split, MetricReport> metrics = outputs.metrics(dataset, raw, protocol.seed());
      metrics.remove(Split.TRAIN);
      TrainingRun.Outcome outcome =
          new TrainingRun.Outcome(config, result.history(), metrics, parameters.count());
      output.ifPresent(
          to ->
              RunFiles.write(
                  to, outcome, dataset, outputs, raw, model, parameters, inputs.tuned()));
      return outcome;
    }
  }

  /**
   * @throws CodonfuseException if the memory does not suffice
   */
  private TrainingPlan plan(List<ParameterSpec> model, TunedEncoders tuned, Examples examples) {
    MemoryEstimate.Other estimates =
        (atOnce, again) -> MemoryEstimate.of(model, tuned, examples, atOnce, again);
    int atOnce = settings.training().sequencesAtOnce();
    MemoryEstimate estimate = estimates.of(atOnce, settings.tuning().checkpointed());
    long free = backend.freeMemory();
    if (!tuned.encoders().isEmpty()) {
      estimate.requireWithin(
          free,
          atOnce,
          settings.tuning().checkpointed(),
          "fewer --modalities or more --freeze-layers",
          estimates);
    }
    return TrainingPlan.of(model, tuned, estimate.total(), free);
  }

  /**
   * @throws CodonfuseException if a process is about to train something else than the first
   */
  private void requireSame(String identity) {
    List<byte[]> all = group.exchange(identity.getBytes(StandardCharsets.UTF_8));
    for (int rank = 1; rank < all.size(); rank++) {
      List<String> differences =
          TreeDifference.between(
              parse(all.getFirst()), "in rank 0", parse(all.get(rank)), "in rank " + rank);
      if (!differences.isEmpty()) {
        throw new CodonfuseException(
            "The processes were asked for different trainings (%s); give all the same command."
                .formatted(String.join("; ", differences)));
      }
    }
  }

  private static JsonNode parse(byte[] json) {
    try {
      return new JsonMapper().readTree(json);
    } catch (IOException e) {
      throw new CodonfuseException("Another process does not say what it is to train.", e);
    }
  }

  private List<Double> classWeights() {
    int[] counts = new int[dataset.classes().size()];
    if (dataset.task() == Task.CLASSIFICATION) {
      dataset.of(Split.TRAIN).forEach(example -> counts[(int) example.target()]++);
    }
    return settings.classWeights().of(dataset.classes(), counts);
  }

  private FusionLearner.Labelled labelled(
      Examples examples, Split split, List<TargetConfig> targets) {
    double[] standardised =
        dataset.of(split).stream()
            .flatMapToDouble(
                example ->
                    IntStream.range(0, targets.size())
                        .mapToDouble(
                            i -> targets.get(i).scale().standardise(example.targets().get(i))))
            .toArray();
    return new FusionLearner.Labelled(examples.subset(dataset.indices(split)), standardised);
  }
}
