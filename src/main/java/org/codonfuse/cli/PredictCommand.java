package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.training.run.PredictionFile;
import org.codonfuse.training.run.SavedRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse predict}: a trained model's predictions for new sequences. */
@Command(
    name = "predict",
    description = {
      "Predicts for sequences with a trained model.",
      "Writes a CSV: id, prediction and, for classes, the probability of each."
    })
final class PredictCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private EncoderOptions encoders;

  @Parameters(paramLabel = "RUN", description = "Directory that 'codonfuse train' wrote.")
  private Path run;

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
    PredictionFile.requireWritable(output);
    try (Backend backend = backendOptions.open(global, console, false).backend();
        SavedRun saved = SavedRun.open(backend, run, encoders.directories())) {
      Dataset dataset = Dataset.loadUnlabelled(input, dataOptions.read(), saved.datasetOptions());
      dataset.diagnostics().toTable().lines().forEach(console::note);
      double[][] outputs =
          saved.predict(dataset, encoders.strict(), encoders.cache(), console.progress());
      PredictionFile.write(output, saved.outputs(), dataset.examples(), outputs);
      if (json.wanted()) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("run", run.toString());
        result.put("output", output.toString());
        result.put("backend", backend.description());
        result.put("n", outputs.length);
        console.json(result);
      } else {
        console.print("%s: %d predictions".formatted(output, outputs.length));
      }
    }
    return 0;
  }
}
