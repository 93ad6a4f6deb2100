package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.SavedRun;
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

  /** Divided in another way, or not at all, rows that a model learned from pass for a test. */
  private void noteIfTrainedOn(Console console, Ensemble ensemble, Dataset dataset) {
    List<Example> measured =
        dataset.examples().stream().filter(example -> example.split() != Split.TRAIN).toList();
    String hash = Sha256.of(data);
    for (SavedRun member : ensemble.members()) {
      if (hash.equals(member.config().data().sha256())) {
        Set<String> trained = member.trainingRows();
        long learned = measured.stream().filter(e -> trained.contains(e.id())).count();
        if (learned > 0) {
          console.note(
              ("%s: is the file that %s was trained on, and it learned from %d of the %d rows that"
                      + " are measured here as validation or test; metrics.json of the run has the"
                      + " metrics of its own splits.")
                  .formatted(data, member.directory(), learned, measured.size()));
        }
      }
    }
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
