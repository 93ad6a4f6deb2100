package org.codonfuse.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;

/**
 * Lets the signals by which a scheduler takes a job off its machine end a training after the step
 * under way, with a checkpoint: SIGTERM, and SIGUSR1, which Slurm can send some time before. A
 * second signal ends the process at once, unless it comes with the first because a scheduler and
 * {@code launch} both send it; and so does the first where no training runs.
 */
final class StopSignals implements BooleanSupplier, AutoCloseable {
  /**
   * The exit code of a training that was stopped: the same command goes on ({@code EX_TEMPFAIL}).
   */
  static final int EXIT_CODE = 75;

  /** With the codes that shells have for processes that they end. */
  private static final Map<String, Integer> SIGNALS = Map.of("TERM", 128 + 15, "USR1", 128 + 10);

  /** What is asked again within this time is asked once. */
  private static final long SAME_NANOS = 2_000_000_000;

  private final Console console;
  private final Map<String, Object> replaced = new HashMap<>();
  private volatile boolean training;
  private volatile boolean asked;
  private volatile long since;

  StopSignals(Console console) {
    this.console = console;
    SIGNALS.forEach(
        (name, code) -> {
          Object handler = Signals.register(name, () -> received(name, code));
          // Null: not on this system, or the virtual machine was told to leave signals alone.
          if (handler != null) {
            replaced.put(name, handler);
          }
        });
  }

  /** From now on there is a step to wait for. */
  void trainingBegins() {
    training = true;
  }

  private void received(String name, int code) {
    if (training && !asked) {
      since = System.nanoTime();
      asked = true;
      console.note("SIG" + name + ": stopping after the step under way.");
    } else if (!asked || System.nanoTime() - since > SAME_NANOS) {
      // Not in this thread, which the exit waits for.
      Thread.ofPlatform().start(() -> System.exit(code));
    }
  }

  /** Whether the training is to stop. */
  @Override
  public boolean getAsBoolean() {
    return asked;
  }

  @Override
  public void close() {
    replaced.forEach(Signals::unregister);
  }
}
