package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.NoBackendException;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Work;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.HeadConfig;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.StreamInput;
import org.codonfuse.training.run.TrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse demo}: everything once, on synthetic data, without arguments or network. */
@Command(
    name = "demo",
    description = {
      "Trains unimodal and fused models on synthetic data, in a minute or two, explains the fused"
          + " one and predicts for new sequences with it. Writes a report for any browser.",
      "Without LibTorch, or with another --backend, it only predicts, with the model that an"
          + " earlier demo left in --output.",
      "The sequences are made up: their target is a known function of their codons plus noise. The"
          + " encoders are small and have random weights. Nothing here says anything about biology."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int SEQUENCES = 1000;
  private static final int NEW_SEQUENCES = 200;

  /** What is trained, in this order. */
  private static final List<String> FUSIONS =
      List.of(
          Molecule.PROTEIN.label(),
          Molecule.RNA.label(),
          Molecule.DNA.label(),
          FusionConfig.CONCAT);

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "codonfuse-demo",
      description = "Where to write data, encoders and runs (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() {
    Console console = global.console();
    long start = System.nanoTime();
    Map<String, MetricReport> test = new LinkedHashMap<>();
    Optional<String> untrainable = Optional.empty();
    try (TrainableBackend backend = backendOptions.openTrainable(global, console)) {
      train(console, backend, test);
      DemoReport.explain(console, backend, output, global.seed());
    } catch (NoBackendException e) {
      untrainable = Optional.of(e.reasons());
    }
    DemoPrediction.Result predicted;
    try (Backend backend = backendOptions.open(global, console, Work.INFERENCE).backend()) {
      DemoPrediction prediction = new DemoPrediction(output, NEW_SEQUENCES);
      untrainable.ifPresent(reasons -> leaveOutTraining(console, prediction, reasons));
      predicted = prediction.predict(backend, console.progress());
    }
    Optional<Path> report = DemoReport.write(output, FUSIONS);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (json.wanted()) {
      console.json(results(test, untrainable, predicted, report, seconds));
    } else {
      print(console, test, predicted, seconds);
      report.ifPresent(file -> console.print("The report is " + file + ", for any browser."));
    }
    return 0;
  }

  private static void leaveOutTraining(Console console, DemoPrediction prediction, String reasons) {
    if (!prediction.isPossible()) {
      throw new CodonfuseException(
          ("%s: no demonstration left a trained model there, and none can be trained (%s); run"
                  + " 'codonfuse demo' where LibTorch is, and copy its directory here if that is"
                  + " another machine.")
              .formatted(prediction.run(), reasons));
    }
    console.note(
        "Training is left out (%s); the model that an earlier demonstration left in %s predicts."
            .formatted(reasons, prediction.run()));
  }

  private void train(Console console, TrainableBackend backend, Map<String, MetricReport> test) {
    prepare();
    console.note("Writing synthetic data and random encoders to " + output);
    Path data = DemoPrediction.data(output);
    SyntheticData.write(data, SEQUENCES, global.seed());
    List<StreamInput> encoders = new ArrayList<>();
    for (EncoderFamily family : EncoderFamily.values()) {
      Path directory = DemoPrediction.encoder(output, family.molecule());
      RandomEncoder.write(directory, family, family.config(128, 2, 4, 256), global.seed());
      encoders.add(StreamInput.of(family.molecule(), directory));
    }
    for (String fusion : FUSIONS) {
      test.put(fusion, train(console, backend, data, encoders, fusion));
    }
  }

  private void prepare() {
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new CodonfuseException(
          output + ": cannot be made (" + AtomicFiles.reason(e) + "); choose another --output.", e);
    }
  }

  private MetricReport train(
      Console console,
      TrainableBackend backend,
      Path data,
      List<StreamInput> encoders,
      String fusion) {
    TrainingRun.Settings settings =
        new TrainingRun.Settings(
            data,
            ReadOptions.detect(),
            DatasetOptions.training(global.seed()),
            encoders,
            FusionOptions.of(fusion),
            HeadConfig.of(TextCnnHead.NAME, 96, 48, 0.2, 1),
            new TrainingSettings(20, 32, 1e-3, 1e-5, 6, 3, 0.1, global.seed()),
            new ClassWeights.None(),
            new EmbeddingOptions(
                false,
                new EmbeddingCache(DemoPrediction.embeddings(output)),
                VersionProvider.version()),
            Precision.FLOAT32);
    try (RunDirectory run = RunDirectory.create(DemoPrediction.run(output, fusion), true)) {
      TrainingRun.Outcome outcome =
          new TrainingRun(backend, settings, console.progress()).execute(run, _ -> {});
      run.finish();
      return outcome.metrics().get(Split.TEST);
    }
  }

  private Map<String, Object> results(
      Map<String, MetricReport> test,
      Optional<String> untrainable,
      DemoPrediction.Result predicted,
      Optional<Path> report,
      double seconds) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("synthetic", true);
    result.put("output", output.toString());
    report.ifPresent(file -> result.put("report", file.toString()));
    result.put("seconds", seconds);
    test.forEach((fusion, metrics) -> result.put(fusion, Map.of("test", metrics.toMap())));
    untrainable.ifPresent(reasons -> result.put("not_trained", reasons));
    result.put("prediction", predicted.toMap());
    return result;
  }

  private void print(
      Console console,
      Map<String, MetricReport> test,
      DemoPrediction.Result predicted,
      double seconds) {
    if (test.isEmpty()) {
      predicted.lines().forEach(console::print);
      return;
    }
    console.print("Synthetic data, random encoders: what each modality sees of a known target");
    console.print("");
    console.print(
        String.format(
            Locale.ROOT, "%-10s %9s  %-18s %9s", "model", "Spearman", "95 % interval", "MSE"));
    test.forEach(
        (fusion, report) -> {
          MetricReport.Metric spearman = report.metrics().get("spearman");
          console.print(
              String.format(
                  Locale.ROOT,
                  "%-10s %9s  %-18s %9s",
                  fusion.equals(FusionConfig.CONCAT) ? "fused" : fusion,
                  MetricsTable.number(spearman.value()),
                  MetricsTable.interval(spearman),
                  MetricsTable.number(report.value("mse"))));
        });
    console.print("");
    predicted.lines().forEach(console::print);
    console.print("");
    console.print(
        String.format(
            Locale.ROOT,
            "%.0f s. The table is of %d test sequences. Data, encoders and runs are in %s.",
            seconds,
            test.values().iterator().next().n(),
            output));
  }
}
