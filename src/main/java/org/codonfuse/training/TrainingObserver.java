package org.codonfuse.training;

import java.util.function.Function;
import org.codonfuse.io.Progress;

/** Is told how far a training is, by the thread that trains. */
@FunctionalInterface
public interface TrainingObserver {
  /**
   * Steps were taken.
   *
   * @param count one, or at first those of the process that was interrupted
   */
  default void stepsTaken(long count) {}

  /** An epoch ended, perhaps in the process that was interrupted. */
  void epochEnded(Epoch epoch);

  /**
   * Shows it.
   *
   * @param task whose units are the steps of the training
   * @param measured what is shown of an epoch
   */
  static TrainingObserver showing(Progress.Task task, Function<Epoch, String> measured) {
    return new TrainingObserver() {
      @Override
      public void stepsTaken(long count) {
        task.step(count);
      }

      @Override
      public void epochEnded(Epoch epoch) {
        task.message("after epoch %d: %s".formatted(epoch.number(), measured.apply(epoch)));
      }
    };
  }
}
