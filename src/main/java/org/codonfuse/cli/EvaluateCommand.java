package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.weights.Sha256;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse evaluate}: how good a trained model is on labelled sequences. */
@Command(
    name = "evaluate",
    description = {
      "Measures a trained model, or the mean of several, on sequences with targets.",
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
        (backend, ensemble) -> {
          Dataset dataset =
              Dataset.load(data, ensemble.reading(model.reading()), ensemble.datasetOptions());
          noteIfTrainedOn(console, ensemble, dataset);
          Ensemble.Predictions predictions = model.predict(ensemble, dataset, console);
          report(
              console,
              backend,
              predictions.outputs().metrics(dataset, predictions.raw(), global.seed()));
        });
    return 0;
  }

  /** Without a split column the rows that the model learned from would pass for a test. */
  private void noteIfTrainedOn(Console console, Ensemble ensemble, Dataset dataset) {
    if (dataset.examples().stream().anyMatch(e -> e.split() != Split.TEST)) {
      return;
    }
    String hash = Sha256.of(data);
    ensemble.members().stream()
        .filter(member -> hash.equals(member.config().data().sha256()))
        .findFirst()
        .ifPresent(
            member ->
                console.note(
                    "%s: is the file that %s was trained on, measured here in all its rows, those"
                            .formatted(data, member.directory())
                        + " that the model learned from among them; metrics.json of the run has"
                        + " those of its test split."));
  }

  private void report(Console console, Backend backend, Map<Split, MetricReport> reports) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      model.addTo(result);
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
