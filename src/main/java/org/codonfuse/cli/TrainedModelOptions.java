package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.run.SavedRun;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The options of the commands that use a trained model. */
final class TrainedModelOptions {
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private EncoderOptions encoders;

  @Parameters(paramLabel = "RUN", description = "Directory that 'codonfuse train' wrote.")
  private Path run;

  /** The directory. */
  Path run() {
    return run;
  }

  /** Where in a file of sequences things are. */
  ReadOptions reading() {
    return dataOptions.read();
  }

  /** Opens the model, uses it and closes it. */
  void use(GlobalOptions global, Console console, BiConsumer<Backend, SavedRun> use) {
    try (Backend backend = backendOptions.open(global, console, SavedRun.work(run)).backend();
        SavedRun saved = SavedRun.open(backend, run, encoders.inputs(console))) {
      use.accept(backend, saved);
    }
  }

  /** Says what cleaning found and predicts. */
  double[][] predict(SavedRun saved, Dataset dataset, Console console) {
    dataset.diagnostics().toTable().lines().forEach(console::note);
    return saved.predict(dataset, encoders.embedding(), console.progress());
  }
}
