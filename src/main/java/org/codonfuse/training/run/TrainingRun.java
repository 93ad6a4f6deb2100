package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Diagnostics;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.Epoch;
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
import org.codonfuse.training.TunedEncoders;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.weights.Sha256;

/** From a file of labelled sequences to a directory with a trained model and its measures. */
public final class TrainingRun {
  private final TrainableBackend backend;
  private final Settings settings;
  private final Progress progress;
  private final Duration checkpoints;

  /**
   * @param backend computes
   * @param settings what is trained on what
   * @param progress is told of the work
   */
  public TrainingRun(TrainableBackend backend, Settings settings, Progress progress) {
    this(backend, settings, progress, TrainingCheckpoint.INTERVAL);
  }

  /**
   * @param backend computes
   * @param settings what is trained on what
   * @param progress is told of the work
   * @param checkpoints time between two checkpoints
   */
  public TrainingRun(
      TrainableBackend backend, Settings settings, Progress progress, Duration checkpoints) {
    this.backend = backend;
    this.settings = settings;
    this.progress = progress;
    this.checkpoints = checkpoints;
  }

  /**
   * What is trained on what.
   *
   * @param data file of sequences with targets
   * @param reading where in the file they are
   * @param dataset how they become examples; the limit of the encoders is added
   * @param inputs encoders and stores; those that the fusion does not read are left out
   * @param fusion the fusion
   * @param head the head, its outputs aside
   * @param training the protocol
   * @param classWeights how much classes count in the loss
   * @param embedding how embeddings are made and kept
   * @param precision what encoders compute and embeddings are kept in
   * @param tuning the encoders that learn with the model
   * @param longSequences what becomes of sequences that an encoder cannot read whole
   */
  public record Settings(
      Path data,
      ReadOptions reading,
      DatasetOptions dataset,
      List<StreamInput> inputs,
      FusionOptions fusion,
      HeadConfig head,
      TrainingSettings training,
      ClassWeights classWeights,
      EmbeddingOptions embedding,
      Precision precision,
      FineTuning tuning,
      LongPolicy longSequences) {
    /**
     * @throws UsageException if the encoders do not fit the fusion
     */
    public Settings {
      inputs = StreamInput.ordered(inputs);
      fusion.requireStreams(read(fusion, inputs).stream().map(StreamInput::molecule).toList());
    }

    /** Settings by which all encoders stay as they are. */
    public Settings(
        Path data,
        ReadOptions reading,
        DatasetOptions dataset,
        List<StreamInput> inputs,
        FusionOptions fusion,
        HeadConfig head,
        TrainingSettings training,
        ClassWeights classWeights,
        EmbeddingOptions embedding,
        Precision precision) {
      this(
          data,
          reading,
          dataset,
          inputs,
          fusion,
          head,
          training,
          classWeights,
          embedding,
          precision,
          FineTuning.NONE,
          LongPolicy.TRUNCATE);
    }

    /**
     * The same where encoders learn with the model.
     *
     * @param how which of them, and how
     * @param policy not windows, which encoders do not learn from
     */
    public Settings withTuning(FineTuning how, LongPolicy policy) {
      return new Settings(
          data,
          reading,
          dataset,
          inputs,
          fusion,
          head,
          training,
          classWeights,
          embedding,
          precision,
          how,
          policy);
    }

    /** The inputs that the fusion reads. */
    public List<StreamInput> read() {
      return read(fusion, inputs);
    }

    private static List<StreamInput> read(FusionOptions fusion, List<StreamInput> inputs) {
      return inputs.stream()
          .filter(input -> fusion.molecules().contains(input.molecule()))
          .toList();
    }
  }

  /**
   * A finished run.
   *
   * @param config its configuration
   * @param history all epochs
   * @param metrics by split: validation, test
   * @param parameters number of trained values
   */
  public record Outcome(
      RunConfig config,
      List<Epoch> history,
      SequencedMap<Split, MetricReport> metrics,
      long parameters) {
    /** The content of {@code metrics.json}. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      metrics.forEach((split, report) -> map.put(split.label(), report.toMap()));
      return map;
    }
  }

  /**
   * Trains and writes the run, going on with an earlier process's work if there is any.
   *
   * @param output receives the files; the caller finishes it
   * @param diagnosed is told what cleaning found before anything is computed
   */
  public Outcome execute(RunDirectory output, Consumer<Diagnostics> diagnosed) {
    return execute(output, diagnosed, _ -> {});
  }

  /**
   * The same.
   *
   * @param planned is told what will be trained before the first step
   * @throws CodonfuseException also if the memory does not suffice, with what would help
   */
  public Outcome execute(
      RunDirectory output, Consumer<Diagnostics> diagnosed, Consumer<TrainingPlan> planned) {
    if (Files.exists(settings.data()) && !Files.isRegularFile(settings.data())) {
      throw new CodonfuseException(
          settings.data() + ": is not a regular file; write the sequences to a file first.");
    }
    try (TrainingInputs inputs = TrainingInputs.open(backend, settings)) {
      // Before the hours of training in which the file may change.
      String hash = Sha256.of(settings.data());
      int limit = inputs.maxNucleotides();
      Dataset dataset = load(limit);
      diagnosed.accept(dataset.diagnostics());
      FusionConfig fusionConfig = settings.fusion().resolve(inputs.streams());
      Fusion fusion = fusionConfig.create(inputs.streams());
      TrainingInputs.Prepared prepared = inputs.prepare(fusion.streams(), dataset, progress);
      RunConfig.Data data =
          new RunConfig.Data(
              settings.data().toString(),
              hash,
              settings.dataset().code().number(),
              limit,
              counts(dataset));
      return train(output, inputs, prepared, dataset, data, fusionConfig, fusion, planned);
    }
  }

  /** Computes the embeddings that {@link #execute} finds in the cache then. */
  public void embed() {
    try (TrainingInputs inputs = TrainingInputs.open(backend, settings)) {
      Dataset dataset = load(inputs.maxNucleotides());
      List<StreamSpec> given = inputs.streams();
      inputs.prepare(settings.fusion().resolve(given).create(given).streams(), dataset, progress);
    }
  }

  private Dataset load(int limit) {
    boolean cut = limit > 0 && settings.longSequences() == LongPolicy.TRUNCATE;
    DatasetOptions reading = cut ? settings.dataset().withTruncateTo(limit) : settings.dataset();
    Dataset dataset = Dataset.load(settings.data(), settings.reading(), reading);
    if (limit > 0 && !cut) {
      requireShort(dataset, limit);
    }
    return dataset;
  }

  private void requireShort(Dataset dataset, int limit) {
    List<CodingSequence> longer =
        dataset.examples().stream()
            .map(Example::sequence)
            .filter(sequence -> sequence.length() > limit)
            .toList();
    if (!longer.isEmpty()) {
      throw new CodonfuseException(
          ("%s: sequence '%s' has %d nucleotides where the encoders read %d%s; give --long"
                  + " truncate, or leave out what is longer with --max-length %d.")
              .formatted(
                  settings.data(),
                  longer.getFirst().id(),
                  longer.getFirst().length(),
                  limit,
                  longer.size() == 1
                      ? ""
                      : ", and " + (longer.size() - 1) + " others are too long as well",
                  limit));
    }
  }

  private Outcome train(
      RunDirectory output,
      TrainingInputs inputs,
      TrainingInputs.Prepared prepared,
      Dataset dataset,
      RunConfig.Data data,
      FusionConfig fusionConfig,
      Fusion fusion,
      Consumer<TrainingPlan> observer) {
    boolean numbers = dataset.task() == Task.REGRESSION;
    HeadConfig head =
        settings.head().withOutputs(numbers ? dataset.targets().size() : dataset.classes().size());
    FusionModel model = new FusionModel(fusion, head.create(fusion.width()));
    List<TargetConfig> targets = TargetConfig.of(dataset);
    Outputs outputs = new Outputs(dataset.task(), dataset.classes(), targets);
    List<Double> classWeights = classWeights(dataset);
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
    TrainingCheckpoint checkpoint =
        new TrainingCheckpoint(output.checkpoint(), RunIdentity.of(planned, dataset), checkpoints);
    List<ParameterSpec> specs = new ArrayList<>(model.parameters());
    specs.addAll(inputs.tuned().parameters());
    try (Parameters parameters = Parameters.initialiseTrainable(backend, specs, protocol.seed())) {
      Function<Examples, FusionLearner> learning =
          examples ->
              new FusionLearner(
                  backend,
                  model,
                  new Objective(dataset.task(), classWeights),
                  labelled(dataset, examples, Split.TRAIN, targets),
                  labelled(dataset, examples, Split.VALIDATION, targets),
                  raw -> outputs.headline(validation, raw),
                  i -> training.get(i).id(),
                  protocol.sequencesAtOnce(),
                  inputs.tuned(),
                  settings.tuning().learningRate() / protocol.learningRate());
      Learner<FusionLearner.Gathered> together = learning.apply(prepared.examples());
      Learner<FusionLearner.Gathered> learner =
          prepared
              .firstStage()
              .<Learner<FusionLearner.Gathered>>map(
                  before ->
                      new StagedLearner<>(
                          learning.apply(before), settings.tuning().headEpochs(), together))
              .orElse(together);
      Trainer<FusionLearner.Gathered> trainer = new Trainer<>(backend, learner, protocol);
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
          new Predictor(backend, model, Optional.of(inputs.tuned()), protocol.sequencesAtOnce())
              .predict(parameters, prepared.examples());
      RunConfig config = planned.withBestEpoch(result.best().number());
      SequencedMap<Split, MetricReport> metrics = outputs.metrics(dataset, raw, protocol.seed());
      metrics.remove(Split.TRAIN);
      Outcome outcome = new Outcome(config, result.history(), metrics, parameters.count());
      RunFiles.write(output, outcome, dataset, outputs, raw, model, parameters, inputs.tuned());
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

  private List<Double> classWeights(Dataset dataset) {
    int[] counts = new int[dataset.classes().size()];
    if (dataset.task() == Task.CLASSIFICATION) {
      dataset.of(Split.TRAIN).forEach(example -> counts[(int) example.target()]++);
    }
    return settings.classWeights().of(dataset.classes(), counts);
  }

  private static FusionLearner.Labelled labelled(
      Dataset dataset, Examples examples, Split split, List<TargetConfig> targets) {
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

  private static Map<String, Integer> counts(Dataset dataset) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      counts.put(split.label(), dataset.of(split).size());
    }
    return counts;
  }
}
