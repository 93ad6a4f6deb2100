package org.codonfuse.cluster;

import java.time.Duration;

/**
 * How soon failures are seen.
 *
 * @param beat how often processes say that they are alive
 * @param silence after which one is gone
 * @param ending what a process has to end by itself when another one is gone
 */
record Timing(Duration beat, Duration silence, Duration ending) {
  static final Timing DEFAULT =
      new Timing(Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(10));

  /** How often to look. */
  Duration tick() {
    return beat.dividedBy(2);
  }
}
