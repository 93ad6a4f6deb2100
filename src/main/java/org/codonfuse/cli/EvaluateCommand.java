package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.MetricReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
  @Mixin private TrainedModelOptions model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "CSV or FASTA (with --labels), may be gzipped.")
  private Path data;

  @Override
  public Integer call() {
    Console console = global.console();
    model.use(
        global,
        console,
        (backend, saved) -> {
          Dataset dataset = Dataset.load(data, model.reading(), saved.datasetOptions());
          double[][] outputs = model.predict(saved, dataset, console);
          report(console, backend, saved.outputs().metrics(dataset, outputs, global.seed()));
        });
    return 0;
  }

  private void report(Console console, Backend backend, Map<Split, MetricReport> reports) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("run", model.run().toString());
      result.put("data", data.toString());
      result.put("backend", backend.description());
      reports.forEach((split, report) -> result.put(split.label(), report.toMap()));
      console.json(result);
      return;
    }
    boolean first = true;
    for (Map.Entry<Split, MetricReport> entry : reports.entrySet()) {
      if (!first) {
        console.print("");
      }
      first = false;
      MetricsTable.lines(entry.getKey().label(), entry.getValue()).forEach(console::print);
    }
  }
}
