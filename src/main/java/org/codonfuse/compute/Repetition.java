package org.codonfuse.compute;

import java.util.List;
import java.util.function.Supplier;

/**
 * Steps that compute the same over and over, with tensors of few shapes: a device may be told once
 * and do the whole step at a word from then on, where asking for every operation costs more than
 * doing it. Results are those of a step that is asked for operation by operation, but for the
 * gradients of parameters, which are good within a step only. For one thread.
 */
public interface Repetition extends AutoCloseable {
  /** Steps that are taken one operation after the other. */
  Repetition NONE =
      new Repetition() {
        @Override
        public List<HostRead> run(Object shape, Supplier<List<HostRead>> step) {
          return step.get();
        }

        @Override
        public void close() {
          // Holds nothing.
        }
      };

  /**
   * Takes a step.
   *
   * @param shape equal for steps that may be equal but for the values of their inputs; what differs
   *     all the same is noticed
   * @param step the operations; may be run more than once for one step, must neither seed nor wait
   *     for a result, keeps no tensor that it computes, closes its reads if it fails, and leaves
   *     the {@link HostTensor}s that it takes inputs from open. No other thread draws random
   *     numbers meanwhile
   * @return the reads that the step began, good until the next step; the caller closes them
   */
  List<HostRead> run(Object shape, Supplier<List<HostRead>> step);

  /** Forgets what was recorded. */
  @Override
  void close();
}
