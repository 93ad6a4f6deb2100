package org.codonfuse.training.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.training.Examples;
import org.codonfuse.training.TunedEncoders;

/** What a training reads, encoders that learn included. Owns it: close it after the last batch. */
final class TrainingInputs implements AutoCloseable {
  private final TrainableBackend backend;
  private final TrainingRun.Settings settings;
  private final TunedEncoders tuned;
  private final StreamSources sources;
  private Optional<StreamSources> firstStage = Optional.empty();

  /**
   * The examples.
   *
   * @param examples with the encoders that learn still to be run
   * @param firstStage with their embeddings before they learn, if the model learns alone first
   */
  record Prepared(Examples examples, Optional<Examples> firstStage) {}

  private TrainingInputs(
      TrainableBackend backend,
      TrainingRun.Settings settings,
      TunedEncoders tuned,
      StreamSources sources) {
    this.backend = backend;
    this.settings = settings;
    this.tuned = tuned;
    this.sources = sources;
  }

  /** Opens encoders and stores. */
  static TrainingInputs open(TrainableBackend backend, TrainingRun.Settings settings) {
    SequencedMap<String, TrainableEncoder> learning = new LinkedHashMap<>();
    try {
      for (StreamInput input : settings.read()) {
        if (settings.tuning().learns(input.name())) {
          learning.put(input.name(), LiveSource.load(backend, input, settings.tuning()));
        }
      }
      return new TrainingInputs(
          backend,
          settings,
          new TunedEncoders(backend, learning),
          StreamSources.open(
              backend, settings.read(), input -> embedding(settings, input), learning));
    } catch (RuntimeException | Error e) {
      learning.values().forEach(TrainableEncoder::close);
      throw e;
    }
  }

  /** Encoders that learn are measured in float32, so that is what their run predicts in. */
  private static RunConfig.Embedding embedding(TrainingRun.Settings settings, StreamInput input) {
    boolean learns = settings.tuning().learns(input.name());
    return RunConfig.Embedding.of(learns ? Precision.FLOAT32 : settings.precision());
  }

  /** The encoders that learn. */
  TunedEncoders tuned() {
    return tuned;
  }

  /** See {@link StreamSources#maxNucleotides}. */
  int maxNucleotides() {
    return sources.maxNucleotides();
  }

  /** The streams, in the order in which they were given. */
  List<StreamSpec> streams() {
    return sources.streams();
  }

  /** The streams as a run's configuration names them. */
  List<RunConfig.Stream> describe() {
    return sources.describe();
  }

  /**
   * Computes what does not change in training; encoders of that are released then.
   *
   * @param wanted what the model takes
   */
  Prepared prepare(List<StreamSpec> wanted, Dataset dataset, Progress progress) {
    if (settings.tuning().headEpochs() > 0) {
      firstStage =
          Optional.of(
              StreamSources.open(
                  backend, settings.read(), input -> embedding(settings, input), Map.of()));
    }
    Optional<Examples> before = firstStage.map(of -> examples(of, wanted, dataset, progress));
    return new Prepared(examples(sources, wanted, dataset, progress), before);
  }

  private Examples examples(
      StreamSources from, List<StreamSpec> wanted, Dataset dataset, Progress progress) {
    Examples examples =
        from.examples(
            wanted,
            dataset,
            settings.dataset().code(),
            maxNucleotides(),
            settings.embedding(),
            progress);
    from.releaseEncoders();
    return examples;
  }

  @Override
  public void close() {
    firstStage.ifPresent(StreamSources::close);
    sources.close();
    tuned.close();
  }
}
