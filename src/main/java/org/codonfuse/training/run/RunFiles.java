package org.codonfuse.training.run;

import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.codonfuse.io.AtomicFiles;
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
    writeCsv(
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

  static void writeCsv(Path file, List<String> columns, List<List<String>> rows) {
    AtomicFiles.write(
        file,
        out -> {
          CSVPrinter printer =
              new CSVPrinter(
                  new OutputStreamWriter(out, StandardCharsets.UTF_8),
                  CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get());
          printer.printRecord(columns);
          printer.printRecords(rows);
          printer.flush();
        });
  }
}
