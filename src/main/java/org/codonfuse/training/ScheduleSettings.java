package org.codonfuse.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;

/**
 * How the learning rate changes.
 *
 * @param kind what follows the warm-up
 * @param warmupEpochs epochs in which it rises, step by step, from nearly nothing
 * @param plateauPatience epochs without a lower validation loss before it is lowered
 * @param plateauFactor what it is multiplied by then
 */
public record ScheduleSettings(
    Kind kind, int warmupEpochs, int plateauPatience, double plateauFactor) {
  /** What a learning rate does after the warm-up. */
  public enum Kind {
    /** Falls when the validation loss has stopped falling. */
    PLATEAU,
    /** Falls along half a cosine, to nothing at the last epoch. */
    COSINE,
    /** Stays. */
    CONSTANT;

    /** The name used in options, such as {@code plateau}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The kind of this {@link #label}.
     *
     * @throws UsageException if there is none
     */
    public static Kind of(String label) {
      return Arrays.stream(values())
          .filter(kind -> kind.label().equals(label.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new UsageException(
                      "'%s' is no schedule; give %s."
                          .formatted(
                              label,
                              Arrays.stream(values())
                                  .map(Kind::label)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  /**
   * @throws IllegalArgumentException if no learning rate could follow them
   */
  public ScheduleSettings {
    if (warmupEpochs < 0 || plateauPatience < 0 || !(plateauFactor > 0 && plateauFactor < 1)) {
      throw new IllegalArgumentException(
          "warm-up %d, patience %d, factor %s"
              .formatted(warmupEpochs, plateauPatience, plateauFactor));
    }
  }

  /** The paper's schedule with these numbers. */
  public static ScheduleSettings plateau(int patience, double factor) {
    return new ScheduleSettings(Kind.PLATEAU, 0, patience, factor);
  }
}
