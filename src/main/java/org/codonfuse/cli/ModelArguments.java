package org.codonfuse.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.run.HeadConfig;
import org.codonfuse.training.run.TrainingRun;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a model is made of, what it is trained on and by which protocol, and where it goes. */
final class ModelArguments {
  @Mixin private DataOptions dataOptions;
  @Mixin private DatasetArguments dataset;
  @Mixin private EncoderOptions encoders;
  @Mixin private FusionArguments fusionArguments;
  @Mixin private TrainingArguments trainingArguments;
  @Mixin private RunArguments run;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "CSV or FASTA (with --labels), may be gzipped.")
  private Path data;

  @Option(
      names = "--head",
      paramLabel = "NAME",
      defaultValue = "textcnn",
      description = "textcnn or mlp (default: ${DEFAULT-VALUE}).")
  private String head;

  @Option(
      names = "--head-dim",
      paramLabel = "N",
      defaultValue = "640",
      description = "Width of the head's first layer (default: ${DEFAULT-VALUE}).")
  private int headDim;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description =
          "Channels of each TextCNN convolution (default: 1280, and 100 for cross-attention).")
  private Optional<Integer> channels = Optional.empty();

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0.2",
      description = "Dropout before the last layer (default: ${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--class-weights",
      paramLabel = "WEIGHTS",
      defaultValue = "none",
      description =
          "How much classes count in the loss: none (all the same), balanced (as if all were as"
              + " frequent), or weights like A=2,B=1 (default: ${DEFAULT-VALUE}).")
  private String classWeights;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description =
          "What encoders compute and embeddings are kept in: float32, bfloat16 or float16 (default:"
              + " float32).")
  private Optional<String> precision = Optional.empty();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "Time of training that is lost at most when it is interrupted (default:"
              + " ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  /** Where the run goes. */
  RunArguments run() {
    return run;
  }

  /** Time between two checkpoints. */
  Duration checkpoints() {
    return Duration.ofSeconds(checkpointEvery);
  }

  /** The encoders and stores as they were given. */
  List<EncoderOptions.Given> given() {
    return encoders.given();
  }

  /**
   * All of it.
   *
   * @param seed of everything random
   * @throws UsageException if it does not fit together
   */
  TrainingRun.Settings settings(Console console, long seed) {
    FusionOptions fusion = fusionArguments.options();
    Ranges.size("--head-dim", headDim);
    channels.ifPresent(n -> Ranges.size("--channels", n));
    Ranges.within("--dropout", dropout, 0, 0.99);
    Ranges.within("--checkpoint-every", checkpointEvery, 0, 86400);
    HeadConfig headConfig =
        HeadConfig.of(head, headDim, channels.orElse(fusion.channels()), dropout, 1);
    requireUsed(fusion, encoders.given());
    return new TrainingRun.Settings(
        data,
        dataOptions.read(),
        dataset.options(seed, true),
        encoders.inputs(console),
        fusion,
        headConfig,
        trainingArguments.settings(seed),
        ClassWeights.parse(classWeights),
        encoders.embedding(),
        precision.map(Precision::of).orElse(Precision.FLOAT32));
  }

  /** An option that changes nothing is a misunderstanding. */
  private void requireUsed(FusionOptions fusion, List<EncoderOptions.Given> given) {
    fusion.requireStreams(given.stream().map(EncoderOptions.Given::molecule).toList());
    if (precision.isPresent()
        && given.stream().map(g -> Path.of(g.model())).allMatch(StoreManifest::isIn)) {
      throw new UsageException("--precision is for encoders; leave it out for stores.");
    }
    if (channels.isPresent() && !head.equals(TextCnnHead.NAME)) {
      throw new UsageException("--channels is for --head textcnn; leave it out.");
    }
  }
}
