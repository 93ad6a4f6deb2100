package org.codonfuse.cli;

import java.time.Duration;
import java.util.Locale;
import org.codonfuse.experiment.Cell;
import org.codonfuse.experiment.CellResult;
import org.codonfuse.experiment.Experiment;
import org.codonfuse.experiment.ExperimentDirectory;

/** A line for every training of an experiment, and how long the others will take. */
final class CellNotes implements Experiment.Observer {
  private final Console console;
  private final ExperimentDirectory directory;
  private final int total;
  private final int jobs;
  private final long start = System.nanoTime();
  private int ended;
  private int done;
  private double busy;

  /**
   * @param total trainings to do
   * @param jobs how many at a time
   */
  CellNotes(Console console, ExperimentDirectory directory, int total, int jobs) {
    this.console = console;
    this.directory = directory;
    this.total = total;
    this.jobs = jobs;
  }

  /** Says how many there are. */
  void begin(int all) {
    console.note(
        "%d trainings%s"
            .formatted(all, total < all ? ", of which " + (all - total) + " are done" : ""));
  }

  @Override
  public void started(Cell cell, int number, int of) {}

  @Override
  public synchronized void finished(Cell cell, double seconds) {
    ended++;
    done++;
    busy += seconds;
    CellResult result = directory.result(cell);
    console.note(
        String.format(
            Locale.ROOT,
            "%s %s: %s %.4f on validation, %.4f on test, %.1f s%s",
            number(),
            cell.id(),
            result.headline(),
            result.validationScore(),
            result.testScore(),
            seconds,
            left()));
  }

  @Override
  public synchronized void failed(Cell cell, String reason) {
    ended++;
    console.failure("%s %s failed: %s".formatted(number(), cell.id(), reason));
  }

  /**
   * Says how it ended.
   *
   * @return whether nothing failed
   */
  boolean end(Experiment.Outcome outcome) {
    console.note(
        "%d trainings in %s%s%s"
            .formatted(
                outcome.done(),
                clock((System.nanoTime() - start) / 1e9),
                outcome.failed().isEmpty()
                    ? ""
                    : ", %d failed: %s"
                        .formatted(
                            outcome.failed().size(),
                            String.join(
                                ", ", outcome.failed().stream().map(Cell::id).limit(5).toList())),
                outcome.elsewhere() == 0
                    ? ""
                    : ", %d are being done by another process".formatted(outcome.elsewhere())));
    return outcome.failed().isEmpty();
  }

  private String number() {
    return "[%d/%d]".formatted(ended, total);
  }

  private String left() {
    int remaining = total - ended;
    return remaining == 0
        ? ""
        : "; %d left, about %s".formatted(remaining, clock(busy / done * remaining / jobs));
  }

  /** Such as {@code 1:05} or {@code 2:00:00}. */
  private static String clock(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    return time.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}
