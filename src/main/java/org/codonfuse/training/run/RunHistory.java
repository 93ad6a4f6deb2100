package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.CsvFile;
import org.codonfuse.training.Epoch;

/** The {@code history.csv} of a training: a line per epoch. */
public final class RunHistory {
  private RunHistory() {}

  /**
   * Writes it.
   *
   * @param metric what the metric of the validation split is called
   */
  public static void write(Path file, String metric, List<Epoch> epochs) {
    CsvFile.write(
        file,
        List.of(
            "epoch",
            "learning_rate",
            "train_loss",
            "validation_loss",
            "validation_" + metric,
            "seconds"),
        epochs.stream().map(RunHistory::row).toList());
  }

  private static List<String> row(Epoch epoch) {
    return List.of(
        Integer.toString(epoch.number()),
        Double.toString(epoch.learningRate()),
        Double.toString(epoch.trainingLoss()),
        Double.toString(epoch.validationLoss()),
        Double.toString(epoch.validationMetric()),
        String.format(Locale.ROOT, "%.3f", epoch.seconds()));
  }

  /**
   * The epochs of a run.
   *
   * @param outputs what the run predicts
   * @throws CodonfuseException if they cannot be read
   */
  public static List<Epoch> read(Path run, Outputs outputs) {
    RunTable table = RunTable.read(run, RunDirectory.HISTORY);
    List<Integer> numbers = table.column("epoch", Integer::valueOf);
    double[] rates = table.numbers("learning_rate");
    double[] training = table.numbers("train_loss");
    double[] validation = table.numbers("validation_loss");
    double[] metric = table.numbers("validation_" + outputs.headline());
    double[] seconds = table.numbers("seconds");
    return IntStream.range(0, numbers.size())
        .mapToObj(
            i ->
                new Epoch(
                    numbers.get(i), rates[i], training[i], validation[i], metric[i], seconds[i]))
        .toList();
  }
}
