package org.codonfuse.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.PredictionEvaluation;
import org.codonfuse.training.metrics.PredictionTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code codonfuse metrics}: how good the predictions in any CSV file are. */
@Command(
    name = "metrics",
    description = {
      "Measures the predictions in a CSV file, with bootstrap 95 %% intervals.",
      "Numbers: Spearman, Pearson, Kendall, MSE, MAE, R2. Classes: accuracy, balanced accuracy,"
          + " macro F1, MCC and, from columns probability_<class> or logit_<class>, AUROC."
          + " With a column split, also for each split."
    })
public final class MetricsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

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
  private Optional<String> predictionColumn;

  @Option(
      names = "--target-column",
      paramLabel = "NAME",
      description = "Column of true values (default: target, label, y_true and the like).")
  private Optional<String> targetColumn;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  /** For Picocli. */
  public MetricsCommand() {}

  @Override
  public Integer call() throws JsonProcessingException {
    PredictionEvaluation evaluation =
        PredictionEvaluation.of(
            PredictionTable.read(file),
            new PredictionEvaluation.Request(
                predictionColumn, targetColumn, Tasks.parse(task), seed));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", file.toString());
      result.putAll(evaluation.toMap());
      out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result));
    } else {
      print(out, evaluation);
    }
    out.flush();
    return 0;
  }

  private void print(PrintWriter out, PredictionEvaluation evaluation) {
    out.printf("%s: %s%n", file, evaluation.task().label());
    print(out, "all", evaluation.all());
    evaluation.splits().forEach((split, report) -> print(out, split, report));
  }

  private static void print(PrintWriter out, String rows, MetricReport report) {
    out.println();
    MetricsTable.lines(rows, report).forEach(out::println);
  }
}
