package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.baseline.KmerFrequencies;
import org.codonfuse.baseline.OneHotBaseline;
import org.codonfuse.baseline.RidgeBaseline;
import org.codonfuse.baseline.SequenceFeatures;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.sequence.Diagnostics;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.TrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse baseline}: what can be predicted without a language model. */
@Command(
    name = "baseline",
    description = {
      "Fits a predictor that uses no language model: what encoders must be better than.",
      "codon-usage, kmer and length-gc are ridge regressions whose penalty is chosen on the"
          + " validation split; one-hot is a TextCNN on the codons. Writes a run directory like"
          + " 'train'."
    })
final class BaselineCommand implements Callable<Integer> {
  private static final List<String> NAMES =
      Stream.concat(SequenceFeatures.NAMES.stream(), Stream.of(OneHotBaseline.NAME)).toList();

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions columns;
  @Mixin private DatasetArguments dataset;
  @Mixin private RunArguments run;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "CSV or FASTA (with --labels), may be gzipped.")
  private Path data;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      required = true,
      description = "codon-usage, kmer, length-gc or one-hot.")
  private String model;

  @Option(
      names = "--longest-kmer",
      paramLabel = "K",
      description =
          "kmer: k-mers of 1 to K nucleotides (default: " + KmerFrequencies.LONGEST + ").")
  private Optional<Integer> longestKmer = Optional.empty();

  @Option(
      names = "--head-dim",
      paramLabel = "N",
      description =
          "one-hot: width of the codon embedding (default: " + OneHotBaseline.WIDTH + ").")
  private Optional<Integer> headDim = Optional.empty();

  @Option(
      names = "--channels",
      paramLabel = "N",
      description =
          "one-hot: channels of each convolution (default: " + OneHotBaseline.CHANNELS + ").")
  private Optional<Integer> channels = Optional.empty();

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description =
          "one-hot: dropout before the last layer (default: " + OneHotBaseline.DROPOUT + ").")
  private Optional<Double> dropout = Optional.empty();

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "one-hot: Adam's learning rate (default: 5e-4).")
  private Optional<Double> learningRate = Optional.empty();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "one-hot: epochs at most (default: " + OneHotBaseline.EPOCHS + ").")
  private Optional<Integer> epochs = Optional.empty();

  @Override
  public Integer call() {
    Console console = global.console();
    requireUsed();
    if (run.isFinished(console, json)) {
      return 0;
    }
    Optional<SequenceFeatures> features =
        SequenceFeatures.named(model, longestKmer.orElse(KmerFrequencies.LONGEST));
    if (features.isPresent()) {
      ridge(console, features.get());
    } else {
      oneHot(console);
    }
    return 0;
  }

  /** An option that changes nothing is a misunderstanding. */
  private void requireUsed() {
    if (!NAMES.contains(model)) {
      throw new UsageException(
          "Unknown baseline '" + model + "'; use one of " + String.join(", ", NAMES) + ".");
    }
    if (longestKmer.isPresent() && !model.equals(KmerFrequencies.NAME)) {
      throw new UsageException("--longest-kmer is for --model kmer; leave it out.");
    }
    if (longestKmer.isPresent()
        && (longestKmer.get() < 1 || longestKmer.get() > KmerFrequencies.MOST)) {
      throw new UsageException(
          "--longest-kmer %d is out of range; use 1 to %d."
              .formatted(longestKmer.get(), KmerFrequencies.MOST));
    }
    Map<String, Optional<? extends Number>> training = new LinkedHashMap<>();
    training.put("--head-dim", headDim);
    training.put("--channels", channels);
    training.put("--dropout", dropout);
    training.put("--learning-rate", learningRate);
    training.put("--epochs", epochs);
    training.forEach(
        (option, value) -> {
          if (value.isPresent() && !model.equals(OneHotBaseline.NAME)) {
            throw new UsageException(option + " is for --model one-hot; leave it out.");
          }
        });
  }

  private void ridge(Console console, SequenceFeatures features) {
    RidgeBaseline baseline =
        new RidgeBaseline(
            data,
            columns.read(),
            dataset.options(global.seed(), true),
            features,
            global.seed(),
            VersionProvider.version());
    try (RunDirectory directory = RunDirectory.create(run.output(), run.existing())) {
      RidgeBaseline.Outcome outcome = baseline.execute(directory, found -> note(console, found));
      directory.finish();
      double penalty = outcome.chosen().penalty();
      report(
          console,
          String.format(
              Locale.ROOT,
              "%s: ridge regression on %d features, penalty %.3g",
              run.output(),
              features.columns().size(),
              penalty),
          Map.of("penalty", penalty),
          outcome.metrics());
    }
  }

  private void oneHot(Console console) {
    Ranges.size("--head-dim", headDim.orElse(OneHotBaseline.WIDTH));
    Ranges.size("--channels", channels.orElse(OneHotBaseline.CHANNELS));
    Ranges.within("--dropout", dropout.orElse(OneHotBaseline.DROPOUT), 0, 0.99);
    Ranges.within("--learning-rate", learningRate.orElse(OneHotBaseline.LEARNING_RATE), 1e-12, 10);
    Ranges.atLeast("--epochs", epochs.orElse(OneHotBaseline.EPOCHS), 1);
    TrainingSettings training =
        OneHotBaseline.training(
            epochs.orElse(OneHotBaseline.EPOCHS),
            learningRate.orElse(OneHotBaseline.LEARNING_RATE),
            global.seed());
    OneHotBaseline baseline =
        new OneHotBaseline(
            headDim.orElse(OneHotBaseline.WIDTH),
            channels.orElse(OneHotBaseline.CHANNELS),
            dropout.orElse(OneHotBaseline.DROPOUT),
            training);
    EmbeddingOptions embedding =
        new EmbeddingOptions(false, Optional.empty(), VersionProvider.version());
    TrainingRun.Settings settings =
        baseline.settings(
            data,
            columns.read(),
            dataset.options(global.seed(), true),
            new ClassWeights.None(),
            embedding);
    try (RunDirectory directory = RunDirectory.create(run.output(), run.existing());
        TrainableBackend backend = backendOptions.openTrainable(global, console)) {
      TrainingRun.Outcome outcome =
          new TrainingRun(backend, settings, console.progress())
              .execute(directory, found -> note(console, found));
      directory.finish();
      report(
          console,
          "%s: one-hot TextCNN, %s parameters, best epoch %d of %d"
              .formatted(
                  run.output(),
                  String.format(Locale.ROOT, "%,d", outcome.parameters()),
                  outcome.config().bestEpoch(),
                  outcome.history().size()),
          Map.of("best_epoch", outcome.config().bestEpoch()),
          outcome.metrics());
    }
  }

  private static void note(Console console, Diagnostics found) {
    found.toTable().lines().forEach(console::note);
  }

  private void report(
      Console console,
      String title,
      Map<String, Object> chosen,
      SequencedMap<Split, MetricReport> metrics) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("run", run.output().toString());
      result.put("baseline", model);
      result.putAll(chosen);
      metrics.forEach((split, report) -> result.put(split.label(), report.toMap()));
      console.json(result);
      return;
    }
    console.print(title);
    metrics.forEach(
        (split, report) -> {
          console.print("");
          MetricsTable.lines(split.label(), report).forEach(console::print);
        });
  }
}
