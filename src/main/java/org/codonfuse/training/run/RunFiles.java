package org.codonfuse.training.run;

import java.util.List;
import java.util.Map;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.TunedEncoders;

/** Writes what a run consists of. */
final class RunFiles {
  private RunFiles() {}

  static void write(
      RunDirectory run,
      TrainingRun.Outcome outcome,
      Dataset dataset,
      Outputs outputs,
      double[][] raw,
      FusionModel model,
      Parameters parameters,
      TunedEncoders encoders) {
    AtomicFiles.writeString(run.file(RunDirectory.CONFIG), outcome.config().toJson());
    AtomicFiles.writeString(run.file(RunDirectory.METRICS), Json.pretty(outcome.toMap()) + "\n");
    List<String> names = model.parameters().stream().map(ParameterSpec::name).toList();
    parameters.save(run.file(RunDirectory.MODEL), names, Map.of("format", "pt"));
    encoders
        .encoders()
        .forEach(
            (stream, encoder) -> {
              String folder =
                  outcome.config().fineTuning().method() == FineTuning.Method.LORA
                      ? RunDirectory.ADAPTERS
                      : RunDirectory.ENCODERS;
              encoder.write(run.file(folder).resolve(stream), parameters);
            });
    RunHistory.write(run.file(RunDirectory.HISTORY), outputs.headline(), outcome.history());
    PredictionFile.writeWithTargets(
        run.file(RunDirectory.PREDICTIONS), outputs, dataset.examples(), raw);
  }
}
