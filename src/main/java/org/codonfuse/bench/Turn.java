package org.codonfuse.bench;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.HostRead;

/**
 * Computes the same again and again for a while, as programs do that are done with results when
 * they are in the host's memory: a device is asked for the next before the last came back.
 */
final class Turn {
  private static final int UNDER_WAY = 2;

  /** Far longer than a device takes to fill up and to run dry; its clocks change as slowly. */
  private static final double CUDA_SECONDS = 0.2;

  private final Supplier<HostRead> begin;
  private final Consumer<HostRead> end;
  private final double seconds;

  /**
   * @param begin asks for a result
   * @param end looks at one that came
   */
  Turn(Backend backend, Supplier<HostRead> begin, Consumer<HostRead> end) {
    this.begin = begin;
    this.end = end;
    this.seconds = backend.device().kind() == Device.Kind.CUDA ? CUDA_SECONDS : 0;
  }

  /** Results a second; a turn of one result at least. */
  double rate() {
    Queue<HostRead> underWay = new ArrayDeque<>();
    long start = System.nanoTime();
    int count = 0;
    try {
      do {
        underWay.add(begin.get());
        count++;
        complete(underWay, UNDER_WAY);
      } while (System.nanoTime() - start < seconds * 1e9);
      complete(underWay, 0);
    } finally {
      underWay.forEach(HostRead::close);
    }
    return count / ((System.nanoTime() - start) / 1e9);
  }

  private void complete(Queue<HostRead> underWay, int left) {
    while (underWay.size() > left) {
      try (HostRead read = underWay.remove()) {
        end.accept(read);
      }
    }
  }
}
