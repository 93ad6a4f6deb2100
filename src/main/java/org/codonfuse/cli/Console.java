package org.codonfuse.cli;

import java.io.PrintWriter;
import org.codonfuse.io.Json;
import org.codonfuse.io.Progress;

/** Where a command's words go: results to standard output, everything else to standard error. */
final class Console {
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean quiet;

  Console(PrintWriter out, PrintWriter err, boolean quiet) {
    this.out = out;
    this.err = err;
    this.quiet = quiet;
  }

  /** Prints a line of results. */
  void print(String line) {
    out.println(line);
  }

  /**
   * Prints results as one JSON object.
   *
   * @param results a map or a record
   */
  void json(Object results) {
    out.println(Json.pretty(results));
  }

  /** Says what is being done, unless {@code --quiet}. */
  void note(String line) {
    if (!quiet) {
      errorLine(line);
    }
  }

  /** Says what failed while other work goes on. */
  void failure(String line) {
    errorLine(line);
  }

  /** Shows progress as the terminal allows: bars, or a line now and then, or nothing. */
  Progress progress() {
    if (quiet) {
      return Progress.NONE;
    }
    return Terminal.columns()
        .<Progress>map(columns -> new BarProgress(err, columns))
        .orElseGet(() -> new LineProgress(this::note, System::nanoTime));
  }

  private void errorLine(String line) {
    // A progress bar may occupy the terminal's line; it is drawn again below this one.
    String prefix = Terminal.columns().isPresent() ? Terminal.CLEAR_LINE : "";
    err.println(prefix + line);
    err.flush();
  }
}
