package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.bench.TrainingBenchmark;
import org.codonfuse.bench.TrainingBenchmark.Result;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.io.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse bench train}: how long training steps take. */
@Command(
    name = "train",
    description = {
      "Measure how long a training step takes: from embeddings in memory to updated parameters.",
      "Takes random embeddings as wide as those of Nucleotide Transformer v2 (512), RNA-FM (640)"
          + " and ESM-2 8M (320), and the paper's TextCNN."
    })
final class BenchTrainCommand implements Callable<Integer> {
  private static final int MOST_CODONS = 10_000;

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;

  @Option(
      names = "--fusion",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "concat,mil,cross-attention",
      description = "Fusions, with the paper's settings (default: ${DEFAULT-VALUE}).")
  private List<String> fusions;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "float32,bfloat16",
      description =
          "What products are computed in, see --training-precision of 'train' (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> precisions;

  @Option(
      names = "--codons",
      paramLabel = "N",
      split = ",",
      defaultValue = "27,226",
      description = "Codons of a sequence (default: ${DEFAULT-VALUE}).")
  private List<Integer> codons;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Sequences per step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels of each TextCNN convolution (default: as 'train').")
  private Optional<Integer> channels = Optional.empty();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "Time for each line of the table (default: ${DEFAULT-VALUE}).")
  private double seconds;

  /** A line of the table. */
  private record Row(
      String fusion, Precision precision, int codons, int batch, int channels, Result result)
      implements BenchReport.Row {
    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("fusion", fusion);
      map.put("precision", precision.label());
      map.put("codons", codons);
      map.put("batch", batch);
      map.put("channels", channels);
      map.put("parameters", result.parameters());
      map.put("steps", result.steps());
      map.put("seconds", result.seconds());
      map.put("sequences_per_second", batch / result.seconds());
      return map;
    }

    @Override
    public String toLine() {
      return String.format(
          Locale.ROOT,
          "%-16s %-9s %6d %8d %11d %6d %10.2f %10.1f",
          fusion,
          precision.label(),
          codons,
          channels,
          result.parameters(),
          result.steps(),
          1e3 * result.seconds(),
          batch / result.seconds());
    }
  }

  @Override
  public Integer call() {
    codons.forEach(n -> Ranges.within("--codons", n, 1, MOST_CODONS));
    Ranges.size("--batch", batch);
    channels.ifPresent(n -> Ranges.size("--channels", n));
    Ranges.within("--seconds", seconds, 0.01, 3600);
    List<FusionOptions> wanted = fusions.stream().map(FusionOptions::of).toList();
    List<Precision> products =
        precisions.stream().map(name -> TrainingArguments.products("--precision", name)).toList();
    Console console = global.console();
    try (TrainableBackend backend = backendOptions.openTrainable(global, console)) {
      report(console, backend, measure(backend, wanted, products, console.progress()));
    }
    return 0;
  }

  private List<Row> measure(
      TrainableBackend backend,
      List<FusionOptions> wanted,
      List<Precision> products,
      Progress progress) {
    TrainingBenchmark benchmark = new TrainingBenchmark(backend, batch, seconds, global.seed());
    List<Row> rows = new ArrayList<>();
    long lines = (long) wanted.size() * codons.size() * products.size();
    try (Progress.Task task = progress.start("Measuring training steps", lines)) {
      for (FusionOptions fusion : wanted) {
        for (int length : codons) {
          int each = channels.orElse(fusion.channels());
          for (Precision precision : products) {
            Result result = benchmark.measure(fusion, each, length, precision);
            rows.add(new Row(fusion.name(), precision, length, batch, each, result));
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
        "%-16s %-9s %6s %8s %11s %6s %10s %10s"
            .formatted(
                "fusion",
                "precision",
                "codons",
                "channels",
                "parameters",
                "steps",
                "ms/step",
                "seq/s"),
        rows);
  }
}
