package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.bench.EncoderBenchmark;
import org.codonfuse.bench.EncoderBenchmark.Result;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Work;
import org.codonfuse.embedding.EmbeddingSettings;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse bench embed}: tokens a second of encoders. */
@Command(
    name = "embed",
    description = {
      "Measure how fast encoders read sequences, beside what the machine does on one large matrix"
          + " product in the same precision.",
      "Takes random weights of the published shapes: the speed does not depend on the values."
    })
final class BenchEmbedCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      split = ",",
      defaultValue = "esm2-8m,nucleotide-transformer-v2-100m,rna-fm",
      description = "Presets or model directories (default: ${DEFAULT-VALUE}).")
  private List<String> models;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "float32,bfloat16",
      description = "Precisions (default: ${DEFAULT-VALUE}).")
  private List<String> precisions;

  @Option(
      names = "--length",
      paramLabel = "NT",
      split = ",",
      defaultValue = "81,678,1020",
      description = "Nucleotides of a sequence (default: ${DEFAULT-VALUE}).")
  private List<Integer> lengths;

  @Option(
      names = "--tokens-per-batch",
      paramLabel = "N",
      description = "Tokens computed at once (default: as 'embed').")
  private Optional<Integer> tokensPerBatch = Optional.empty();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "Time for each line of the table (default: ${DEFAULT-VALUE}).")
  private double seconds;

  /** A line of the table. */
  private record Row(String model, Precision precision, String backend, Result result)
      implements BenchReport.Row {
    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("model", model);
      map.put("precision", precision.label());
      map.put("backend", backend);
      map.put("nucleotides", result.nucleotides());
      map.put("tokens", result.tokens());
      map.put("tokens_per_second", result.tokensPerSecond());
      map.put("sequences_per_second", result.sequencesPerSecond());
      map.put("flops", result.flops());
      map.put("matrix_flops", result.ceiling());
      map.put("share", result.share());
      return map;
    }

    @Override
    public String toLine() {
      return String.format(
          Locale.ROOT,
          "%-32s %-9s %-7s %6d %7d %10.0f %10.1f %9.0f %6.0f %%",
          model,
          precision.label(),
          backend,
          result.nucleotides(),
          result.tokens(),
          result.tokensPerSecond(),
          result.sequencesPerSecond(),
          result.flops() / 1e9,
          100 * result.share());
    }
  }

  @Override
  public Integer call() {
    lengths.forEach(length -> Ranges.atLeast("--length", length, 3));
    tokensPerBatch.ifPresent(n -> Ranges.atLeast("--tokens-per-batch", n, 1));
    Ranges.within("--seconds", seconds, 0.01, 3600);
    List<Precision> wanted = precisions.stream().map(Precision::of).toList();
    Console console = global.console();
    List<Row> rows = new ArrayList<>();
    Set<String> descriptions = new LinkedHashSet<>();
    for (Precision precision : wanted) {
      // The backend may be another one for every precision.
      Work work = Work.inference(precision);
      try (Backend backend = backendOptions.open(global, console, work).backend()) {
        descriptions.add(backend.name() + ": " + backend.description());
        for (String model : models) {
          rows.addAll(
              BenchModels.measure(
                  model,
                  global.seed(),
                  directory -> measure(backend, model, directory, precision, console.progress())));
        }
      }
    }
    report(console, descriptions, rows);
    return 0;
  }

  private List<Row> measure(
      Backend backend, String model, Path directory, Precision precision, Progress progress) {
    List<Row> rows = new ArrayList<>();
    EncoderBenchmark benchmark =
        new EncoderBenchmark(
            backend,
            tokensPerBatch.orElse(EmbeddingSettings.tokensPerBatch(backend.device())),
            seconds);
    String name = "Measuring %s in %s".formatted(model, precision.label());
    try (Progress.Task task = progress.start(name, lengths.size());
        Encoder encoder = Encoder.load(backend, directory, precision)) {
      for (int length : lengths) {
        if (length > encoder.maxNucleotides()) {
          throw new UsageException(
              "--length %d: %s reads at most %d nt."
                  .formatted(length, model, encoder.maxNucleotides()));
        }
        rows.add(new Row(model, precision, backend.name(), benchmark.measure(encoder, length)));
        task.step(1);
      }
    }
    return rows;
  }

  private void report(Console console, Set<String> descriptions, List<Row> rows) {
    BenchReport.write(
        console,
        json,
        descriptions,
        "%-32s %-9s %-7s %6s %7s %10s %10s %9s %8s"
            .formatted(
                "model",
                "precision",
                "backend",
                "nt",
                "tokens",
                "tokens/s",
                "seq/s",
                "GFLOP/s",
                "of matmul"),
        rows);
  }
}
