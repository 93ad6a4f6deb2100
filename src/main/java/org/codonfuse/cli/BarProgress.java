package org.codonfuse.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.codonfuse.io.Progress;

/**
 * A bar with the time left, redrawn in place on a terminal.
 *
 * @param err the terminal
 * @param columns its width
 */
record BarProgress(PrintWriter err, int columns) implements Progress {
  private static final int REDRAW_MILLISECONDS = 250;

  @Override
  public Task start(String name, long total) {
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(total > 0 ? total : -1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REDRAW_MILLISECONDS)
            .setConsumer(new DelegatingProgressBarConsumer(this::draw, columns - 1))
            .build();
    return new Task() {
      private boolean closed;

      @Override
      public void step(long count) {
        bar.stepBy(count);
      }

      @Override
      public void message(String text) {
        bar.setExtraMessage(text);
      }

      @Override
      public synchronized void close() {
        if (!closed) {
          closed = true;
          bar.close();
          err.println();
          err.flush();
        }
      }
    };
  }

  private void draw(String text) {
    err.print(Terminal.CLEAR_LINE + text);
    err.flush();
  }
}
