package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.SavedRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse evaluate}: how good a trained model is on labelled sequences. */
@Command(
    name = "evaluate",
    description = {
      "Measures a trained model on sequences with targets.",
      "With a split column each split is measured, otherwise all rows are."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private EncoderOptions encoders;

  @Parameters(paramLabel = "RUN", description = "Directory that 'codonfuse train' wrote.")
  private Path run;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "CSV or FASTA (with --labels), may be gzipped.")
  private Path data;

  @Override
  public Integer call() {
    Console console = global.console();
    try (Backend backend = backendOptions.open(global, console, false).backend();
        SavedRun saved = SavedRun.open(backend, run, encoders.directories())) {
      Dataset dataset = Dataset.load(data, dataOptions.read(), saved.datasetOptions());
      dataset.diagnostics().toTable().lines().forEach(console::note);
      double[][] outputs =
          saved.predict(dataset, encoders.strict(), encoders.cache(), console.progress());
      Map<String, MetricReport> reports = new LinkedHashMap<>();
      for (Split split : Split.values()) {
        List<Example> examples = dataset.of(split);
        if (!examples.isEmpty()) {
          int[] members =
              IntStream.range(0, outputs.length)
                  .filter(i -> dataset.examples().get(i).split() == split)
                  .toArray();
          double[][] chosen =
              Arrays.stream(members).mapToObj(i -> outputs[i]).toArray(double[][]::new);
          reports.put(split.label(), saved.outputs().metrics(examples, chosen, global.seed()));
        }
      }
      report(console, backend, reports);
    }
    return 0;
  }

  private void report(Console console, Backend backend, Map<String, MetricReport> reports) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("run", run.toString());
      result.put("data", data.toString());
      result.put("backend", backend.description());
      reports.forEach((split, report) -> result.put(split, report.toMap()));
      console.json(result);
      return;
    }
    boolean first = true;
    for (Map.Entry<String, MetricReport> entry : reports.entrySet()) {
      if (!first) {
        console.print("");
      }
      first = false;
      MetricsTable.lines(entry.getKey(), entry.getValue()).forEach(console::print);
    }
  }
}
