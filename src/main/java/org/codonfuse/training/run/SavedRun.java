package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.Examples;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.Predictor;

/** A trained model with its encoders, ready to predict on any backend. Owns both. */
public final class SavedRun implements AutoCloseable {
  private final Path directory;
  private final RunConfig config;
  private final Backend backend;
  private final EncoderSet encoders;
  private final List<StreamSpec> streams;
  private final FusionModel model;
  private final Parameters parameters;

  private SavedRun(
      Path directory,
      RunConfig config,
      Backend backend,
      EncoderSet encoders,
      List<StreamSpec> streams,
      FusionModel model,
      Parameters parameters) {
    this.directory = directory;
    this.config = config;
    this.backend = backend;
    this.encoders = encoders;
    this.streams = streams;
    this.model = model;
    this.parameters = parameters;
  }

  /**
   * Opens a run.
   *
   * @param moved model directories that are no longer where the run recorded them
   * @throws CodonfuseException if the run or an encoder cannot be read, or an encoder is not the
   *     one that the run was trained with
   */
  public static SavedRun open(Backend backend, Path directory, Map<Molecule, Path> moved) {
    RunConfig config = RunConfig.read(directory.resolve(RunDirectory.CONFIG));
    for (Molecule molecule : moved.keySet()) {
      if (config.streams().stream().noneMatch(stream -> stream.molecule() == molecule)) {
        throw new UsageException(
            "%s: the model reads no %s; leave out --%s."
                .formatted(directory, molecule.label(), molecule.label()));
      }
    }
    SequencedMap<Molecule, Path> places = new LinkedHashMap<>();
    for (RunConfig.Stream stream : config.streams()) {
      Path place = moved.getOrDefault(stream.molecule(), Path.of(stream.encoder()));
      if (!Files.isDirectory(place)) {
        throw new CodonfuseException(
            place
                + ": the "
                + stream.molecule().label()
                + " encoder of "
                + directory
                + " is not there; say where it is with --"
                + stream.molecule().label()
                + ".");
      }
      places.put(stream.molecule(), place);
    }
    EncoderSet encoders = new EncoderSet(backend, places);
    try {
      requireSame(config.streams(), encoders.describe(), directory);
      Fusion fusion = config.fusion().create(encoders.streams());
      FusionModel model = new FusionModel(fusion, config.head().create(fusion.width()));
      Parameters parameters =
          Parameters.load(backend, model.parameters(), directory.resolve(RunDirectory.MODEL));
      return new SavedRun(
          directory, config, backend, encoders, fusion.streams(), model, parameters);
    } catch (RuntimeException | Error e) {
      encoders.close();
      throw e;
    }
  }

  private static void requireSame(
      List<RunConfig.Stream> trained, List<RunConfig.Stream> found, Path directory) {
    for (int i = 0; i < trained.size(); i++) {
      if (!trained.get(i).fingerprint().equals(found.get(i).fingerprint())) {
        throw new CodonfuseException(
            found.get(i).encoder()
                + ": is not the encoder that "
                + directory
                + " was trained with (its files differ); give the right one with --"
                + trained.get(i).molecule().label()
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

  /** What its outputs mean. */
  public Outputs outputs() {
    return new Outputs(config.task(), config.classes(), config.targetScale());
  }

  /** How sequences must be read to be what the model was trained on. */
  public DatasetOptions datasetOptions() {
    return DatasetOptions.evaluation(config.task(), config.classes())
        .withTruncateTo(config.data().maxNucleotides())
        .withCode(GeneticCode.of(config.data().geneticCode()));
  }

  /**
   * Predicts.
   *
   * @param dataset read with {@link #datasetOptions}
   * @param strict whether a sequence of mostly unknown tokens is an error
   * @return raw outputs [example][output]
   */
  public double[][] predict(
      Dataset dataset, boolean strict, EmbeddingCache cache, Progress progress) {
    List<CodingSequence> sequences = dataset.examples().stream().map(Example::sequence).toList();
    GeneticCode code = GeneticCode.of(config.data().geneticCode());
    Examples examples = encoders.examples(streams, sequences, code, strict, cache, progress);
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
    encoders.close();
  }
}
