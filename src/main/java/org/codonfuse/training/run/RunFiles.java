package org.codonfuse.training.run;

import java.util.Map;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Dataset;

/** Writes what a run consists of. */
final class RunFiles {
  private RunFiles() {}

  static void write(
      RunDirectory run,
      TrainingRun.Outcome outcome,
      Dataset dataset,
      Outputs outputs,
      double[][] raw,
      Parameters parameters) {
    AtomicFiles.writeString(run.file(RunDirectory.CONFIG), outcome.config().toJson());
    AtomicFiles.writeString(run.file(RunDirectory.METRICS), Json.pretty(outcome.toMap()) + "\n");
    parameters.save(run.file(RunDirectory.MODEL), Map.of("format", "pt"));
    RunHistory.write(run.file(RunDirectory.HISTORY), outputs.headline(), outcome.history());
    PredictionFile.writeWithTargets(
        run.file(RunDirectory.PREDICTIONS), outputs, dataset.examples(), raw);
  }
}
