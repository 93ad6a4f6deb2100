package org.codonfuse.training.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.CsvFile;
import org.codonfuse.io.Json;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.training.Epoch;

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
    List<List<String>> history = new ArrayList<>();
    for (Epoch epoch : outcome.history()) {
      history.add(
          List.of(
              Integer.toString(epoch.number()),
              Double.toString(epoch.learningRate()),
              Double.toString(epoch.trainingLoss()),
              Double.toString(epoch.validationLoss()),
              Double.toString(epoch.validationMetric()),
              String.format(Locale.ROOT, "%.3f", epoch.seconds())));
    }
    CsvFile.write(
        run.file(RunDirectory.HISTORY),
        List.of(
            "epoch",
            "learning_rate",
            "train_loss",
            "validation_loss",
            "validation_" + outputs.headline(),
            "seconds"),
        history);
    PredictionFile.writeWithTargets(
        run.file(RunDirectory.PREDICTIONS), outputs, dataset.examples(), raw);
  }
}
