package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.PredictionFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse predict}: a trained model's predictions for new sequences. */
@Command(
    name = "predict",
    description = {
      "Predicts for sequences with a trained model.",
      "Writes a CSV: id, prediction and, for classes, the probability of each. Of several runs it"
          + " has the mean and, as prediction_sd or sd_CLASS, the standard deviation."
    })
final class PredictCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private TrainedModelOptions model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description = "Sequences: CSV or FASTA, may be gzipped; targets are not needed.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "CSV",
      required = true,
      description = "File to write; an existing one is replaced when all is done.")
  private Path output;

  @Override
  public Integer call() {
    Console console = global.console();
    PredictionFile.requireWritable(output, model.runs(), input);
    model.use(
        global,
        console,
        (backend, ensemble) -> {
          Dataset dataset =
              Dataset.loadUnlabelled(input, model.reading(), ensemble.datasetOptions());
          Ensemble.Predictions predictions = model.predict(ensemble, dataset, console);
          PredictionFile.write(output, predictions, dataset.examples());
          report(console, backend, predictions.raw().length);
        });
    return 0;
  }

  private void report(Console console, Backend backend, int predictions) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      model.addTo(result);
      result.put("output", output.toString());
      result.put("backend", backend.description());
      result.put("n", predictions);
      console.json(result);
    } else {
      console.print("%s: %d predictions".formatted(output, predictions));
    }
  }
}
