package org.codonfuse.download;

import java.time.Duration;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Tries something that may fail for a moment a few times, waiting longer each time. */
public final class Attempts {
  /** Waits. */
  @FunctionalInterface
  public interface Pause {
    /** Sleeps. */
    Pause SLEEP = Thread::sleep;

    /** Returns after that time. */
    void of(Duration time) throws InterruptedException;
  }

  /** How often something is tried without any progress. */
  public static final int MOST = 5;

  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  /** Who waits for longer than this wants to know why. */
  private static final Duration NOTICEABLE = Duration.ofSeconds(5);

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final Pause pause;
  private int failed;

  Attempts(Pause pause) {
    this.pause = pause;
  }

  /** There was progress: the count begins again. */
  void progressed() {
    failed = 0;
  }

  /**
   * Waits for the next attempt.
   *
   * @param failure why the last one failed, thrown if it shall have been the last
   * @param wish how long the server asks to wait
   */
  public void again(CodonfuseException failure, Optional<Duration> wish) {
    failed++;
    Duration wait = wish.orElse(FIRST.multipliedBy(1L << (failed - 1)));
    if (failed == MOST || wait.compareTo(LONGEST) > 0) {
      throw failure;
    }
    LOG.atLevel(wait.compareTo(NOTICEABLE) < 0 ? Level.DEBUG : Level.WARN)
        .log("{} Trying again in {} s.", failure.getMessage(), wait.toSeconds());
    try {
      pause.of(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
