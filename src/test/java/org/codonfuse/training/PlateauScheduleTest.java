package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlateauScheduleTest {
  /** The rates are those of torch.optim.lr_scheduler.ReduceLROnPlateau with these losses. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "falling | 1e-3 | 1 | 0.1 | 1 .9 .8 .7 .6 | 1e-3 1e-3 1e-3 1e-3 1e-3",
        "relative threshold | 1e-3 | 0 | 0.5 | 1 .9999 .99989 .9998 .9997 .9996"
            + " | 1e-3 5e-4 5e-4 2.5e-4 2.5e-4 2.5e-4",
        "flat | 3e-5 | 1 | 0.1 | 1 1 1 1 1 1 1 1 1"
            + " | 3e-5 3e-5 3e-6 3e-6 3e-7 3e-7 3e-8 3e-8 3e-9",
        "smallest change | 3e-7 | 0 | 0.1 | 1 1 1 1 1 | 3e-7 3e-8 3e-9 3e-9 3e-9",
        "zero | 1e-3 | 1 | 0.1 | .1 0 0 0 0 | 1e-3 1e-3 1e-3 1e-4 1e-4",
        "recovering | 1e-2 | 2 | 0.3 | 1 1.1 1.1 .5 .6 .6 .6 .4 .6"
            + " | 1e-2 1e-2 1e-2 1e-2 1e-2 1e-2 3e-3 3e-3 3e-3"
      })
  void lowersTheRateAsTorchDoes(
      String name, double rate, int patience, double factor, String losses, String expected) {
    PlateauSchedule schedule = new PlateauSchedule(rate, patience, factor);

    double[] rates =
        Arrays.stream(numbers(losses))
            .map(
                loss -> {
                  schedule.epochEnded(loss);
                  return schedule.rate();
                })
            .toArray();

    assertArrayEquals(numbers(expected), rates, 1e-15, name);
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }
}
