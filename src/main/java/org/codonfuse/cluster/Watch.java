package org.codonfuse.cluster;

import java.time.Duration;
import java.util.function.Consumer;

/** Looks now and then, notices when this process itself did not run, and ends it when it hangs. */
final class Watch {
  /**
   * A look.
   *
   * @param beat whether to say that this process is alive
   * @param late whether it did not run for a while: it was suspended, and others may have been
   */
  record Moment(boolean beat, boolean late) {}

  private final Timing timing;
  private final Consumer<Moment> look;
  private final Consumer<String> halt;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("codonfuse-watch").unstarted(this::run);
  private volatile boolean closed;
  private volatile Ending ending;

  private record Ending(String sentence, long since) {}

  /**
   * @param halt ends the process with a sentence, which may be empty
   */
  Watch(Timing timing, Consumer<Moment> look, Consumer<String> halt) {
    this.timing = timing;
    this.look = look;
    this.halt = halt;
  }

  void start() {
    thread.start();
  }

  /** From now on the process has to end by itself. */
  void concluded(String sentence) {
    ending = new Ending(sentence, System.nanoTime());
  }

  void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    long last = System.nanoTime();
    long beaten = last;
    while (!closed) {
      try {
        Thread.sleep(timing.tick());
      } catch (InterruptedException _) {
        continue;
      }
      long now = System.nanoTime();
      boolean beat = isAfter(now - beaten, timing.beat());
      look.accept(new Moment(beat, isAfter(now - last, timing.beat().multipliedBy(2))));
      beaten = beat ? now : beaten;
      last = now;
      Ending end = ending;
      if (end != null && !closed && isAfter(now - end.since(), timing.ending())) {
        halt.accept(end.sentence());
        return;
      }
    }
  }

  private static boolean isAfter(long nanos, Duration duration) {
    return nanos >= duration.toNanos() - 1_000_000;
  }
}
