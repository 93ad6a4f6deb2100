package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.codonfuse.bench.FineTuningBenchmark;
import org.codonfuse.bench.FineTuningBenchmark.Batch;
import org.codonfuse.bench.FineTuningBenchmark.Result;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse bench finetune}: how long steps of fine-tuning take, and how much memory. */
@Command(
    name = "finetune",
    description = {
      "Measure how long a step of an encoder's fine-tuning takes, and how much memory: from tokens"
          + " to updated LoRA factors, or weights with --full.",
      "Takes random weights of the published shapes: neither depends on the values."
    })
final class BenchFinetuneCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      split = ",",
      defaultValue = "esm2-8m,rna-fm",
      description = "Presets or model directories (default: ${DEFAULT-VALUE}).")
  private List<String> models;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "float32",
      description = "What products are computed in (default: ${DEFAULT-VALUE}).")
  private List<String> precisions;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      split = ",",
      defaultValue = "128,256",
      description = "Tokens of a sequence (default: ${DEFAULT-VALUE}).")
  private List<Integer> tokens;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences per step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--mixed",
      description =
          "Sequences of lengths in even steps up to --tokens, in the place of equal ones.")
  private boolean mixed;

  @Option(
      names = "--lora-rank",
      paramLabel = "N",
      defaultValue = "8",
      description = "Rank of the updates (default: ${DEFAULT-VALUE}).")
  private int rank;

  @Option(
      names = "--lora-dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Dropout before the updates (default: ${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--targets",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "query,value",
      description = "Modules with updates (default: ${DEFAULT-VALUE}).")
  private List<String> targets;

  @Option(names = "--full", description = "Train every weight, not LoRA.")
  private boolean full;

  @Option(
      names = "--gradient-checkpointing",
      description = "Compute every layer again for its gradients, to hold one layer's activations.")
  private boolean checkpointing;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "Time for each line of the table (default: ${DEFAULT-VALUE}).")
  private double seconds;

  /** A line of the table. */
  private record Row(
      String model, Precision precision, Batch batch, boolean checkpointing, Result result)
      implements BenchReport.Row {
    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("model", model);
      map.put("batch", batch.sequences());
      map.put("tokens", batch.total());
      map.put("parameters", result.parameters());
      map.put("checkpointing", checkpointing);
      map.put("precision", precision.label());
      map.put("steps", result.steps());
      map.put("seconds", result.seconds());
      map.put("fastest_seconds", result.fastest());
      result.loaded().ifPresent(bytes -> map.put("loaded_bytes", bytes));
      result.peak().ifPresent(bytes -> map.put("peak_bytes", bytes));
      result.growth().ifPresent(bytes -> map.put("growth_bytes", bytes));
      return map;
    }

    @Override
    public String toLine() {
      return String.format(
          Locale.ROOT,
          "%-32s %-9s %5d %7d %11d %6d %10.1f %10.0f %9s %9s",
          model,
          precision.label(),
          batch.sequences(),
          batch.total(),
          result.parameters(),
          result.steps(),
          1e3 * result.seconds(),
          batch.total() / result.seconds(),
          mebibytes(result.peak()),
          mebibytes(result.growth()));
    }

    private static String mebibytes(OptionalLong bytes) {
      return bytes.isPresent() ? Long.toString(bytes.getAsLong() >> 20) : "-";
    }
  }

  @Override
  public Integer call() {
    tokens.forEach(n -> Ranges.size("--tokens", n));
    Ranges.size("--batch", batch);
    Ranges.within("--seconds", seconds, 0.01, 3600);
    List<Precision> products =
        precisions.stream().map(name -> TrainingArguments.products("--precision", name)).toList();
    Tuning tuning =
        full
            ? new Tuning.Full(0)
            : new Tuning.Lora(new LoraSettings(rank, 2.0 * rank, dropout, false, targets), 0);
    TrainableEncoder.Settings settings =
        new TrainableEncoder.Settings(tuning, false, "", checkpointing);
    Console console = global.console();
    try (TrainableBackend backend = backendOptions.openTrainable(global, console)) {
      report(console, backend, measure(backend, settings, products, console.progress()));
    }
    return 0;
  }

  private List<Row> measure(
      TrainableBackend backend,
      TrainableEncoder.Settings settings,
      List<Precision> products,
      Progress progress) {
    List<Row> rows = new ArrayList<>();
    long lines = (long) models.size() * tokens.size() * products.size();
    try (Progress.Task task = progress.start("Measuring steps of fine-tuning", lines)) {
      for (String model : models) {
        for (int length : tokens) {
          for (Precision precision : products) {
            FineTuningBenchmark benchmark =
                new FineTuningBenchmark(backend, precision, seconds, global.seed());
            Batch sequences = new Batch(batch, length, mixed);
            Result result =
                BenchModels.measure(
                    model,
                    global.seed(),
                    directory -> benchmark.measure(directory, settings, sequences));
            rows.add(new Row(model, precision, sequences, checkpointing, result));
            task.step(1);
          }
        }
      }
    }
    return rows;
  }

  private void report(Console console, Backend backend, List<Row> rows) {
    BenchReport.write(
        console,
        json,
        List.of(backend.name() + ": " + backend.description()),
        "%-32s %-9s %5s %7s %11s %6s %10s %10s %9s %9s"
            .formatted(
                "model",
                "precision",
                "batch",
                "tokens",
                "trained",
                "steps",
                "ms/step",
                "tokens/s",
                "peak MiB",
                "grown MiB"),
        rows);
  }
}
