package org.codonfuse.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Work;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.run.HeadConfig;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.TrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse train}: from a file of labelled sequences to a trained model. */
@Command(
    name = "train",
    description = {
      "Trains a predictor on mRNA sequences with measured targets.",
      "Embeds them with the encoders given, aligns the embeddings at the codon, fuses them and"
          + " trains a head on top. Writes a run directory: config.json, history.csv, metrics.json,"
          + " predictions.csv, model.safetensors."
    })
final class TrainCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
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

  @Override
  public Integer call() {
    Console console = global.console();
    TrainingRun.Settings settings = settings(console);
    EndReport report = EndReport.ofRun(run.output());
    if (run.isFinished(console, json)) {
      report.writeMissing(console);
      return 0;
    }
    try (RunDirectory directory = RunDirectory.create(run.output(), run.existing());
        TrainableBackend backend =
            (TrainableBackend) backendOptions.open(global, console, Work.TRAINING).backend()) {
      TrainingRun.Outcome outcome =
          new TrainingRun(
                  backend, settings, console.progress(), Duration.ofSeconds(checkpointEvery))
              .execute(
                  directory, diagnostics -> diagnostics.toTable().lines().forEach(console::note));
      directory.finish();
      report(console, outcome);
    }
    report.write(console);
    return 0;
  }

  private TrainingRun.Settings settings(Console console) {
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
        dataset.options(global.seed(), true),
        encoders.inputs(console),
        fusion,
        headConfig,
        trainingArguments.settings(global.seed()),
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

  private void report(Console console, TrainingRun.Outcome outcome) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("run", run.output().toString());
      result.put("backend", outcome.config().backend());
      result.put("parameters", outcome.parameters());
      result.put("epochs", outcome.history().size());
      result.put("best_epoch", outcome.config().bestEpoch());
      result.putAll(outcome.toMap());
      console.json(result);
      return;
    }
    console.print(
        "%s: %s, %s parameters, best epoch %d of %d"
            .formatted(
                run.output(),
                outcome.config().fusion().name(),
                String.format(Locale.ROOT, "%,d", outcome.parameters()),
                outcome.config().bestEpoch(),
                outcome.history().size()));
    outcome
        .metrics()
        .forEach(
            (part, report) -> {
              console.print("");
              MetricsTable.lines(part.label(), report).forEach(console::print);
            });
  }
}
