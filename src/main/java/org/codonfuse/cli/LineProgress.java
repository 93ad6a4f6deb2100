package org.codonfuse.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.codonfuse.io.Progress;

/**
 * A line now and then, for logs: none for tasks that end soon.
 *
 * @param lines takes the lines
 * @param nanoseconds the clock
 */
record LineProgress(Consumer<String> lines, LongSupplier nanoseconds) implements Progress {
  static final Duration INTERVAL = Duration.ofSeconds(10);

  @Override
  public Task start(String name, long total) {
    return new Lines(name, total);
  }

  private final class Lines implements Task {
    private final String name;
    private final long total;
    private final long begin = nanoseconds.getAsLong();
    private long printed = begin;
    private long done;
    private String message = "";
    private boolean closed;

    Lines(String name, long total) {
      this.name = name;
      this.total = total;
    }

    @Override
    public synchronized void step(long count) {
      done += count;
      long now = nanoseconds.getAsLong();
      if (!closed && now - printed >= INTERVAL.toNanos()) {
        printed = now;
        Duration elapsed = Duration.ofNanos(now - begin);
        print(total > done && done > 0 ? clock(left(elapsed)) + " left" : clock(elapsed));
      }
    }

    @Override
    public synchronized void message(String text) {
      message = text;
    }

    @Override
    public synchronized void close() {
      if (!closed && printed != begin) {
        print("in " + clock(Duration.ofNanos(nanoseconds.getAsLong() - begin)));
      }
      closed = true;
    }

    private Duration left(Duration elapsed) {
      return Duration.ofNanos((long) (elapsed.toNanos() * ((double) (total - done) / done)));
    }

    private void print(String time) {
      String count =
          total > 0
              ? String.format(Locale.ROOT, "%d of %d (%d %%)", done, total, 100 * done / total)
              : Long.toString(done);
      lines.accept(name + ": " + count + ", " + time + (message.isEmpty() ? "" : ", " + message));
    }
  }

  /** Such as {@code 1:05} or {@code 2:00:00}. */
  private static String clock(Duration time) {
    return time.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}
