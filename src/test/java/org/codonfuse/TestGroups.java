package org.codonfuse;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.compute.Peers;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.TrainableBackend;

/** Threads that act as the processes of a group, each with a backend of its own. */
public final class TestGroups {
  private TestGroups() {}

  /** What a process does. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    T run(TrainableBackend backend, ProcessGroup group) throws Exception;
  }

  /** The results of all processes, by rank. */
  public static <T> List<T> run(int size, Work<T> work) throws Exception {
    byte[][] said = new byte[size][];
    CyclicBarrier barrier = new CyclicBarrier(size);
    try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
      List<Callable<T>> tasks =
          IntStream.range(0, size)
              .<Callable<T>>mapToObj(
                  rank ->
                      () -> {
                        Peers peers =
                            new Peers(rank, size, "127.0.0.1", exchange(rank, said, barrier));
                        try (TrainableBackend backend = TestBackends.openTrainable();
                            ProcessGroup group = backend.join(peers)) {
                          return work.run(backend, group);
                        }
                      })
              .toList();
      List<Future<T>> futures = tasks.stream().map(threads::submit).toList();
      return futures.stream().map(TestGroups::result).toList();
    }
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** Threads that know of each other, by rank, and nothing more. */
  public static List<Peers> peers(int size) {
    byte[][] said = new byte[size][];
    CyclicBarrier barrier = new CyclicBarrier(size);
    return IntStream.range(0, size)
        .mapToObj(rank -> new Peers(rank, size, "127.0.0.1", exchange(rank, said, barrier)))
        .toList();
  }

  private static Function<byte[], List<byte[]>> exchange(
      int rank, byte[][] said, CyclicBarrier barrier) {
    return mine -> {
      try {
        said[rank] = mine.clone();
        barrier.await();
        List<byte[]> all = Arrays.asList(said.clone());
        barrier.await();
        return all;
      } catch (InterruptedException | BrokenBarrierException e) {
        throw new AssertionError(e);
      }
    };
  }
}
