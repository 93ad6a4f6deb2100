package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.PredictionEvaluation;
import org.codonfuse.training.metrics.PredictionTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse metrics}: how good the predictions in any CSV file are. */
@Command(
    name = "metrics",
    description = {
      "Measures the predictions in a CSV file, with bootstrap 95 %% intervals.",
      "Numbers: Spearman, Pearson, Kendall, MSE, MAE, R2. Classes: accuracy, balanced accuracy,"
          + " macro F1, MCC and, from columns probability_<class> or logit_<class>, AUROC."
          + " With a column split, also for each split."
    })
final class MetricsCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "FILE", description = "CSV file with a prediction and a target column.")
  private Path file;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "auto",
      description = "auto, regression or classification (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(
      names = "--prediction-column",
      paramLabel = "NAME",
      description = "Column of predictions (default: prediction, pred, y_pred and the like).")
  private Optional<String> predictionColumn = Optional.empty();

  @Option(
      names = "--target-column",
      paramLabel = "NAME",
      description = "Column of true values (default: target, label, y_true and the like).")
  private Optional<String> targetColumn = Optional.empty();

  @Override
  public Integer call() {
    Console console = global.console();
    PredictionEvaluation evaluation =
        PredictionEvaluation.of(
            PredictionTable.read(file),
            new PredictionEvaluation.Request(
                predictionColumn, targetColumn, Tasks.parse(task), global.seed()));
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", file.toString());
      result.putAll(evaluation.toMap());
      console.json(result);
    } else {
      console.print(file + ": " + evaluation.task().label());
      print(console, "all", evaluation.all());
      evaluation.splits().forEach((split, report) -> print(console, split, report));
    }
    return 0;
  }

  private static void print(Console console, String rows, MetricReport report) {
    console.print("");
    MetricsTable.lines(rows, report).forEach(console::print);
  }
}
