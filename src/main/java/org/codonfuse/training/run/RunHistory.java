package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.training.Epoch;

/** Reads the {@code history.csv} of a run. */
public final class RunHistory {
  private RunHistory() {}

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
