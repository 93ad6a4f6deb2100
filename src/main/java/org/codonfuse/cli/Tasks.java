package org.codonfuse.cli;

import java.util.Locale;
import java.util.Optional;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Task;

/** The notation of {@code --task}. */
final class Tasks {
  private Tasks() {}

  /** The task, empty for {@code auto}. */
  static Optional<Task> parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto" -> Optional.empty();
      case "regression" -> Optional.of(Task.REGRESSION);
      case "classification" -> Optional.of(Task.CLASSIFICATION);
      default ->
          throw new UsageException(
              "--task " + text + " is unknown; give auto, regression or classification");
    };
  }
}
