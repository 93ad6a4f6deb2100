package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.Json;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.Epoch;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.metrics.MetricReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run has in its files beside the model, read again. */
class RunTablesTest {
  private static final Outputs NUMBER =
      new Outputs(Task.REGRESSION, List.of(), List.of(target("Value")));
  private static final Outputs NUMBERS =
      new Outputs(Task.REGRESSION, List.of(), List.of(target("A"), target("B")));
  private static final Outputs CLASSES =
      new Outputs(Task.CLASSIFICATION, List.of("low", "high"), List.of(target("Level")));

  @TempDir Path run;

  private static TargetConfig target(String name) {
    return new TargetConfig(name, TargetScale.IDENTITY);
  }

  private void write(String file, String... lines) throws IOException {
    Files.writeString(run.resolve(file), String.join("\n", lines) + "\n");
  }

  private String damage(String file, Executable reading) {
    String message = assertThrows(CodonfuseException.class, reading).getMessage();
    assertTrue(message.startsWith(run.resolve(file) + ":"), message);
    return message.substring(run.resolve(file).toString().length());
  }

  @Test
  void metricsAreThoseThatWereWritten() throws IOException {
    MetricReport numbers =
        MetricReport.regression(new double[] {1, 2, 3, 4}, new double[] {1, 3, 2, 4}, 1);
    MetricReport undefined = MetricReport.regression(new double[] {1, 1}, new double[] {2, 2}, 1);
    MetricReport several =
        MetricReport.regression(
            new double[][] {{1, 4}, {2, 6}, {3, 5}},
            new double[][] {{1, 4}, {3, 5}, {2, 6}},
            List.of("A", "B"),
            1);
    write(
        "metrics.json",
        Json.pretty(
            Map.of(
                "train", numbers.toMap(),
                "validation", undefined.toMap(),
                "test", several.toMap())));

    Map<Split, MetricReport> read = RunMetrics.read(run);

    assertEquals(numbers, read.get(Split.TRAIN));
    assertEquals(undefined.toMap(), read.get(Split.VALIDATION).toMap());
    assertEquals(Double.NaN, read.get(Split.VALIDATION).value("spearman"));
    assertEquals(several, read.get(Split.TEST));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"test\": | it is not valid JSON",
        "[] | it has no metrics",
        "{} | it has no metrics",
        "3 | it has no metrics",
        "{\"exam\": {\"n\": 1}} | no split 'exam'",
        "{\"test\": {\"mse\": 1}} | it does not say of how many rows the metrics are",
        "{\"test\": 7} | it does not say of how many rows the metrics are",
        "{\"test\": {\"n\": 1, \"mse\": \"small\"}} | mse is no number"
      })
  void damagedMetricsAreSaidToBe(String json, String reason) throws IOException {
    write("metrics.json", json);
    assertEquals(
        ": is damaged (" + reason + "); restore the file or train again.",
        damage("metrics.json", () -> RunMetrics.read(run)));
  }

  @Test
  void absentFilesAreNamed() {
    damage("metrics.json", () -> RunMetrics.read(run));
    damage("history.csv", () -> RunHistory.read(run, NUMBER));
    damage("predictions.csv", () -> RunPredictions.read(run, NUMBER));
  }

  @Test
  void epochsAreThoseThatWereWritten() throws IOException {
    write(
        "history.csv",
        "epoch,learning_rate,train_loss,validation_loss,validation_accuracy,seconds",
        "1,0.01,1.5,1.4,0.5,0.25",
        "2,0.005,1.25,,0.75,0.5");
    List<Epoch> epochs = RunHistory.read(run, CLASSES);
    assertEquals(new Epoch(1, 0.01, 1.5, 1.4, 0.5, 0.25), epochs.getFirst());
    assertEquals(new Epoch(2, 0.005, 1.25, Double.NaN, 0.75, 0.5), epochs.getLast());
    assertEquals(
        ": has no column 'validation_spearman'; restore the file or train again.",
        damage("history.csv", () -> RunHistory.read(run, NUMBER)));
  }

  @Test
  void damagedEpochsAreNamedByLine() throws IOException {
    write(
        "history.csv",
        "epoch,learning_rate,train_loss,validation_loss,validation_spearman,seconds",
        "1,0.01,1.5,1.4,0.5,0.25",
        "2,0.01,high,1.4,0.5,0.25");
    assertEquals(
        ":3: is damaged (For input string: \"high\"); restore the file or train again.",
        damage("history.csv", () -> RunHistory.read(run, NUMBER)));
  }

  @Test
  void predictionsOfANumber() throws IOException {
    write("predictions.csv", "id,split,target,prediction", "a,train,1.5,1", "\"b,\"\"\",test,,NaN");
    RunPredictions read = RunPredictions.read(run, NUMBER);
    assertEquals(List.of("a", "b,\""), read.ids());
    assertEquals(List.of(Split.TRAIN, Split.TEST), read.splits());
    assertArrayEquals(new double[] {1.5, Double.NaN}, read.targets().getFirst());
    assertArrayEquals(new double[] {1, Double.NaN}, read.values().getFirst());
    assertArrayEquals(new int[] {1}, read.rows(Split.TEST));
    assertArrayEquals(new int[0], read.rows(Split.VALIDATION));
  }

  @Test
  void predictionsOfSeveralNumbersAreByTarget() throws IOException {
    write(
        "predictions.csv",
        "id,split,target_A,prediction_A,target_B,prediction_B",
        "a,train,1,2,3,4",
        "b,test,5,6,,8");
    RunPredictions read = RunPredictions.read(run, NUMBERS);
    assertArrayEquals(new double[] {3, Double.NaN}, read.targets().get(1));
    assertArrayEquals(new double[] {4, 8}, read.values().get(1));
  }

  @Test
  void predictionsOfClassesAreProbabilities() throws IOException {
    write(
        "predictions.csv",
        "id,split,target,prediction,probability_low,probability_high",
        "a,test,high,low,0.75,0.25");
    RunPredictions read = RunPredictions.read(run, CLASSES);
    assertArrayEquals(new double[] {1}, read.targets().getFirst());
    assertArrayEquals(new double[] {0.25}, read.values().get(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,exam,high,low,0.75,0.25 | no split 'exam'",
        "a,test,middle,low,0.75,0.25 | no class 'middle'",
        "a,test,high,low,half,0.25 | For input string: \"half\""
      })
  void damagedPredictionsAreNamedByLine(String row, String reason) throws IOException {
    write("predictions.csv", "id,split,target,prediction,probability_low,probability_high", row);
    assertEquals(
        ":2: is damaged (" + reason + "); restore the file or train again.",
        damage("predictions.csv", () -> RunPredictions.read(run, CLASSES)));
  }

  @Test
  void shortRowsAreDamage() throws IOException {
    write("predictions.csv", "id,split,target,prediction", "a,train,1,1", "b,test");
    damage("predictions.csv", () -> RunPredictions.read(run, NUMBER));
  }
}
