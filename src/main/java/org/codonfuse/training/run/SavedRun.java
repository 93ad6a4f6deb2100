package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Work;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.Examples;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.Predictor;

/** A trained model with its encoders or stores, ready to predict on any backend. Owns both. */
public final class SavedRun implements AutoCloseable {
  private final Path directory;
  private final RunConfig config;
  private final Backend backend;
  private final StreamSources sources;
  private final List<StreamSpec> streams;
  private final FusionModel model;
  private final Parameters parameters;
  private final Optional<Encoders> owned;

  private SavedRun(
      Path directory,
      RunConfig config,
      Backend backend,
      StreamSources sources,
      List<StreamSpec> streams,
      FusionModel model,
      Parameters parameters,
      Optional<Encoders> owned) {
    this.owned = owned;
    this.directory = directory;
    this.config = config;
    this.backend = backend;
    this.sources = sources;
    this.streams = streams;
    this.model = model;
    this.parameters = parameters;
  }

  /**
   * What a backend is wanted for to predict with a run: its encoders compute in what they were run
   * in at training, all else in float32.
   *
   * @throws CodonfuseException if the run cannot be read
   */
  public static Work work(Path directory) {
    return RunConfig.read(directory.resolve(RunDirectory.CONFIG)).streams().stream()
        .map(stream -> stream.embedding().computed())
        .filter(precision -> precision != Precision.FLOAT32)
        .findFirst()
        .map(Work::inference)
        .orElse(Work.INFERENCE);
  }

  /**
   * Opens a run.
   *
   * @param moved model directories that are no longer where the run recorded them, or stores to
   *     read embeddings from; of a run with one encoder of a molecule the name is of no account
   * @throws CodonfuseException if the run or an encoder cannot be read, or an encoder is not the
   *     one that the run was trained with
   */
  public static SavedRun open(Backend backend, Path directory, List<StreamInput> moved) {
    Encoders encoders = new Encoders(backend);
    try {
      return open(encoders, directory, moved, Optional.of(encoders));
    } catch (RuntimeException | Error e) {
      encoders.close();
      throw e;
    }
  }

  /** The same with encoders that others may share, whose owner closes them after this. */
  static SavedRun open(Encoders encoders, Path directory, List<StreamInput> moved) {
    return open(encoders, directory, moved, Optional.empty());
  }

  private static SavedRun open(
      Encoders encoders, Path directory, List<StreamInput> moved, Optional<Encoders> owned) {
    Backend backend = encoders.backend();
    RunConfig config = RunConfig.read(directory.resolve(RunDirectory.CONFIG));
    Map<String, Path> given = new HashMap<>();
    for (StreamInput input : moved) {
      given.put(stream(directory, config, input).name(), input.place());
    }
    List<Path> places = new ArrayList<>();
    List<Optional<LoraAdapter>> adapters = new ArrayList<>();
    for (RunConfig.Stream stream : config.streams()) {
      LearnedEncoder learned = LearnedEncoder.of(directory, config, stream);
      learned.requireMovable(directory, stream, Optional.ofNullable(given.get(stream.name())));
      adapters.add(learned.adapter());
      Path place =
          learned
              .directory()
              .orElseGet(() -> given.getOrDefault(stream.name(), Path.of(stream.encoder())));
      if (!place.equals(OneHotSource.PLACE) && !Files.isDirectory(place)) {
        throw new CodonfuseException(
            ("%s: the %s encoder of %s is not there; give its model directory, or a store of the"
                    + " sequences' embeddings, with --%s.")
                .formatted(place, stream.molecule().label(), directory, stream.molecule().label()));
      }
      places.add(place);
    }
    StreamSources sources = StreamSources.open(encoders, config.streams(), places, adapters);
    try {
      requireSame(config, sources.describe(), places, directory);
      Fusion fusion = config.fusion().create(sources.streams());
      FusionModel model = new FusionModel(fusion, config.head().create(fusion.width()));
      Parameters parameters =
          Parameters.load(backend, model.parameters(), directory.resolve(RunDirectory.MODEL));
      return new SavedRun(
          directory, config, backend, sources, fusion.streams(), model, parameters, owned);
    } catch (RuntimeException | Error e) {
      sources.close();
      throw e;
    }
  }

  /** The stream of a run that an input is for. */
  private static RunConfig.Stream stream(Path directory, RunConfig config, StreamInput input) {
    String option = input.molecule().label();
    List<RunConfig.Stream> candidates =
        config.streams().stream().filter(s -> s.molecule() == input.molecule()).toList();
    if (candidates.isEmpty()) {
      throw new UsageException(
          "%s: the model reads no %s; leave out --%s.".formatted(directory, option, option));
    }
    return candidates.stream()
        .filter(stream -> candidates.size() == 1 || stream.name().equals(input.name()))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "%s: has no encoder '%s'; name one of %s, as in --%s %s=MODEL."
                        .formatted(
                            directory,
                            input.name(),
                            candidates.stream()
                                .map(RunConfig.Stream::name)
                                .collect(Collectors.joining(", ")),
                            option,
                            candidates.getFirst().name())));
  }

  private static void requireSame(
      RunConfig config, List<RunConfig.Stream> found, List<Path> places, Path directory) {
    for (int i = 0; i < found.size(); i++) {
      RunConfig.Stream wanted = config.streams().get(i);
      if (config.fineTuning().replaces(wanted.name())) {
        continue;
      }
      RunConfig.Stream given = found.get(i);
      String option = wanted.molecule().label();
      boolean isStore = !given.embedding().store().isEmpty();
      if (!wanted.fingerprint().equals(given.fingerprint())) {
        throw new CodonfuseException(
            (isStore
                    ? "%s: is a store of another encoder than the one that %s was trained with (its"
                        + " files differ); give one of the right encoder with --%s."
                    : "%s: is not the encoder that %s was trained with (its files differ); give the"
                        + " right one with --%s.")
                .formatted(places.get(i), directory, option));
      }
      if (!wanted.embedding().layer().equals(given.embedding().layer())) {
        throw new CodonfuseException(
            "%s: has rows of layer %s where %s was trained on layer %s; give a store of that with"
                    .formatted(
                        places.get(i),
                        given.embedding().layer(),
                        directory,
                        wanted.embedding().layer())
                + " --"
                + option
                + ".");
      }
    }
  }

  /** Its configuration. */
  public RunConfig config() {
    return config;
  }

  /** Where it was read from. */
  public Path directory() {
    return directory;
  }

  /**
   * The identifiers of the rows that it learned from, as far as the run's predictions are there.
   *
   * @throws CodonfuseException if they are there and cannot be read
   */
  public Set<String> trainingRows() {
    return RunRows.read(directory, outputs()).map(RunRows::training).orElse(Set.of());
  }

  /** What its outputs mean. */
  public Outputs outputs() {
    return new Outputs(config.task(), config.classes(), config.targets());
  }

  /** How sequences must be read to be what the model was trained on. */
  public DatasetOptions datasetOptions() {
    DatasetOptions options =
        DatasetOptions.evaluation(config.task(), config.classes())
            .withCode(GeneticCode.of(config.data().geneticCode()));
    // A store knows whole sequences.
    return config.data().maxNucleotides() == 0 || sources.hasStores()
        ? options
        : options.withTruncateTo(config.data().maxNucleotides());
  }

  /**
   * Where the targets of a file to evaluate with are.
   *
   * @param given what the user says; where the model has several targets and nothing is said of
   *     them, they are in the columns that it was trained on
   * @throws UsageException if it is not said of every target
   */
  public ReadOptions reading(ReadOptions given) {
    List<String> names = config.targets().stream().map(TargetConfig::name).toList();
    int said = given.targetColumns().size();
    if (said == 0) {
      return names.size() == 1 ? given : given.withTargetColumns(names);
    }
    if (said != names.size()) {
      throw new UsageException(
          "%s predicts %d target%s (%s), and --target-column names %d; name as many, in this order."
              .formatted(
                  directory,
                  names.size(),
                  names.size() == 1 ? "" : "s",
                  String.join(", ", names),
                  said));
    }
    return given;
  }

  /** Whether any of its streams comes from a store, which has no other sequences than its own. */
  public boolean readsStores() {
    return sources.hasStores();
  }

  /**
   * Makes sure that it can predict for variants of sequences.
   *
   * @throws UsageException if it {@link #readsStores}
   */
  public void requireEncoders() {
    if (readsStores()) {
      throw new UsageException(
          ("%s: reads embeddings from a store, which has none of other sequences than its own; give"
                  + " the models that made them with --dna, --rna or --protein.")
              .formatted(directory));
    }
  }

  /** Whether synonymous codons can make a difference: not where it reads the protein alone. */
  public boolean readsNucleotides() {
    return config.streams().stream().anyMatch(stream -> stream.molecule() != Molecule.PROTEIN);
  }

  /** What computes. */
  public Backend backend() {
    return backend;
  }

  /** The model itself, whose parameters are {@link #parameters}. */
  public FusionModel model() {
    return model;
  }

  /** What it learned; closed with this. */
  public Parameters parameters() {
    return parameters;
  }

  /**
   * Sequences as the model sees them, to be read as long as this is open.
   *
   * @param dataset read with {@link #datasetOptions}
   * @throws CodonfuseException if a sequence is not in a store
   */
  public Examples examples(Dataset dataset, EmbeddingOptions options, Progress progress) {
    return sources.examples(
        streams,
        dataset,
        GeneticCode.of(config.data().geneticCode()),
        config.data().maxNucleotides(),
        options,
        progress);
  }

  /**
   * Predicts.
   *
   * @param dataset read with {@link #datasetOptions}
   * @return raw outputs [example][output]
   * @throws CodonfuseException if a sequence is not in a store
   */
  public double[][] predict(Dataset dataset, EmbeddingOptions options, Progress progress) {
    Examples examples = examples(dataset, options, progress);
    try (Progress.Task task = progress.start("Predicting", examples.size())) {
      double[][] outputs =
          new Predictor(backend, model, config.training().batchSize())
              .predict(parameters, examples, task::step);
      for (int i = 0; i < outputs.length; i++) {
        if (!Arrays.stream(outputs[i]).allMatch(Double::isFinite)) {
          throw new CodonfuseException(
              "%s: the prediction for '%s' is not a number; the weights of the run are damaged."
                  .formatted(directory, dataset.examples().get(i).id()));
        }
      }
      return outputs;
    }
  }

  @Override
  public void close() {
    parameters.close();
    sources.close();
    owned.ifPresent(Encoders::close);
  }
}
