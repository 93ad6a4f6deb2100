package org.codonfuse.training.metrics;

import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;

/** What all metrics demand of their input. */
final class Checks {
  private Checks() {}

  static void sameRows(int targets, int predictions) {
    if (targets != predictions) {
      throw new IllegalArgumentException(targets + " targets for " + predictions + " predictions");
    }
    if (targets == 0) {
      throw new IllegalArgumentException("No rows to measure");
    }
  }

  static void finite(String what, int row, double value) {
    if (!Double.isFinite(value)) {
      throw new CodonfuseException(
          "The %s of row %d is %s, but metrics need finite numbers; check the data, or train with a"
                  .formatted(what, row + 1, value)
              + " lower learning rate.");
    }
  }

  static int[] allRows(int rows) {
    return IntStream.range(0, rows).toArray();
  }
}
