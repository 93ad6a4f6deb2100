package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.codonfuse.compute.Backend;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.Ensemble;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The options of the commands that use trained models. */
final class TrainedModelOptions {
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private EncoderOptions encoders;

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description =
          "Directory that 'codonfuse train' or 'finetune' wrote; of several that predict the same"
              + " the predictions are averaged.")
  private List<Path> runs;

  /** The directories. */
  List<Path> runs() {
    return List.copyOf(runs);
  }

  /** Puts the directories into results. */
  void addTo(Map<String, Object> result) {
    if (runs.size() == 1) {
      result.put("run", runs.getFirst().toString());
    } else {
      result.put("runs", runs.stream().map(Path::toString).toList());
    }
  }

  /** Where in a file of sequences things are. */
  ReadOptions reading() {
    return dataOptions.read();
  }

  /** Opens the models, uses them and closes them. */
  void use(GlobalOptions global, Console console, BiConsumer<Backend, Ensemble> use) {
    try (Backend backend = backendOptions.open(global, console, Ensemble.work(runs)).backend();
        Ensemble ensemble = Ensemble.open(backend, runs, encoders.inputs(console))) {
      use.accept(backend, ensemble);
    }
  }

  /** How embeddings are made and kept. */
  EmbeddingOptions embedding() {
    return encoders.embedding();
  }

  /** Says what cleaning found and predicts. */
  Ensemble.Predictions predict(Ensemble ensemble, Dataset dataset, Console console) {
    dataset.diagnostics().toTable().lines().forEach(console::note);
    return ensemble.predict(dataset, encoders.embedding(), console.progress());
  }
}
