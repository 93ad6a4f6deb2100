package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Peers;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Diagnostics;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.Epoch;
import org.codonfuse.training.TrainingCheckpoint;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.weights.Sha256;

/** From a file of labelled sequences to a directory with a trained model and its measures. */
public final class TrainingRun {
  private final TrainableBackend backend;
  private final Settings settings;
  private final Progress progress;
  private final Duration checkpoints;
  private final ProcessGroup group;
  private final BooleanSupplier stop;

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
    this(backend, settings, progress, checkpoints, ProcessGroup.alone(), () -> false);
  }

  /**
   * @param group the processes that train together, each of which does the same as this one; the
   *     first writes
   * @param stop whether to end with a checkpoint after the step under way
   */
  public TrainingRun(
      TrainableBackend backend,
      Settings settings,
      Progress progress,
      Duration checkpoints,
      ProcessGroup group,
      BooleanSupplier stop) {
    this.group = group;
    this.stop = stop;
    this.backend = backend;
    this.settings = group.size() == 1 ? settings : settings.sharedBy(group);
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

    /**
     * The same where processes share the batches, see {@link TrainingSettings#sharedBy}, and
     * compute together the embeddings that are not in the cache.
     */
    Settings sharedBy(ProcessGroup processes) {
      return new Settings(
          data,
          reading,
          dataset,
          inputs,
          fusion,
          head,
          training.sharedBy(processes.size()),
          classWeights,
          embedding.sharedBy(
              new Peers(processes.rank(), processes.size(), "", processes::exchange)),
          precision,
          tuning,
          longSequences);
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
    return execute(output.checkpoint(), Optional.of(output), diagnosed, planned);
  }

  /**
   * Trains as one of the processes of which another has the run directory.
   *
   * @param target where that will be
   */
  public Outcome assist(Path target, Consumer<TrainingPlan> planned) {
    return execute(RunDirectory.checkpointOf(target), Optional.empty(), _ -> {}, planned);
  }

  private Outcome execute(
      Path checkpoint,
      Optional<RunDirectory> output,
      Consumer<Diagnostics> diagnosed,
      Consumer<TrainingPlan> planned) {
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
      return new ModelTraining(backend, settings, inputs, prepared, dataset, group, stop)
          .train(checkpoint, output, data, fusionConfig, fusion, planned, progress, checkpoints);
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

  private static Map<String, Integer> counts(Dataset dataset) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      counts.put(split.label(), dataset.of(split).size());
    }
    return counts;
  }
}
