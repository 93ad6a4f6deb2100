package org.codonfuse.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.bench.Kernel.Size;
import org.codonfuse.bench.Kernel.Way;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/**
 * How fast kernels are on several backends. The backends take turns within a kernel, so that all
 * see the machine in the same state. A backend that is slow at products gets the small sizes.
 */
public final class KernelBenchmark {
  /** The backend whose users have other ways to write some kernels; the fastest counts. */
  public static final String REFERENCE = "torch";

  /**
   * Seconds that a turn lasts at least. The first calls after a slow backend's are slower: threads
   * slept and caches were filled.
   */
  private static final double TURN = 0.05;

  private final List<Backend> backends;
  private final double seconds;
  private final Set<Backend> slow = new HashSet<>();

  /**
   * Finds out which backends are slow, which takes a second for one that is.
   *
   * @param backends the caller closes them
   * @param seconds to spend on each backend's turns at a kernel, after half of that to warm up;
   *     every way to compute the kernel is called twice at least
   */
  public KernelBenchmark(List<Backend> backends, double seconds) {
    this.backends = List.copyOf(backends);
    this.seconds = seconds;
    backends.stream().filter(MatrixRate::slow).forEach(slow::add);
  }

  /**
   * How fast a kernel is on a backend.
   *
   * @param size the size it was measured at
   * @param backend the name of the backend
   * @param way the operations that were called
   * @param calls how often they were measured
   * @param seconds that a call takes, the median
   */
  public record Result(
      Kernel kernel, Size size, String backend, String way, int calls, double seconds) {
    /** Bytes or floating point operations a second, see {@link Kernel#bound}. */
    public double rate() {
      return size.work() / seconds;
    }
  }

  /** Measures a kernel on every backend, in their order. */
  public List<Result> measure(Kernel kernel) {
    // Shared among threads, as the rows of a store are.
    try (Arena arena = Arena.ofShared();
        Entrants entrants = new Entrants()) {
      Map<Size, MemorySegment> rows = new HashMap<>();
      for (Backend backend : backends) {
        Size size = slow.contains(backend) ? kernel.small() : kernel.full();
        MemorySegment input =
            rows.computeIfAbsent(size, s -> RandomRows.allocate(arena, kernel.dtype(), s.whole()));
        entrants.enter(backend, kernel, size, input);
      }
      entrants.race(seconds);
      return backends.stream().map(backend -> entrants.fastest(backend, kernel)).toList();
    }
  }

  /** A backend's way to compute the kernel, and how long the calls took. */
  private record Entrant(
      Backend backend, Size size, List<Tensor> blocks, Way way, List<Double> times) {
    /** Calls until a turn is over, each time with the next block. */
    void takeTurn() {
      long begin = System.nanoTime();
      do {
        call(times.size());
      } while (System.nanoTime() - begin < TURN * 1e9);
    }

    private void call(int index) {
      long start = System.nanoTime();
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        Tensor result =
            way.call().compute(blocks.get(index % blocks.size()), index / blocks.size());
        // Read, so that a device has finished.
        Tensor flat = backend.reshape(result, Shape.of(result.shape().size()));
        float first = backend.narrow(flat, 0, 0, 1).item();
        if (!Float.isFinite(first)) {
          throw new AssertionError(
              "%s on backend %s computes %s".formatted(way.name(), backend.name(), first));
        }
      }
      times.add((System.nanoTime() - start) / 1e9);
    }
  }

  /** All that take turns at a kernel, and their tensors. */
  private static final class Entrants implements AutoCloseable {
    private final List<Scope> owners = new ArrayList<>();
    private final List<Entrant> entrants = new ArrayList<>();

    void enter(Backend backend, Kernel kernel, Size size, MemorySegment input) {
      Scope owner = backend.newOwner();
      owners.add(owner);
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        List<Tensor> blocks = new ArrayList<>();
        long bytes = input.byteSize() / size.blocks();
        for (int b = 0; b < size.blocks(); b++) {
          MemorySegment block = input.asSlice(b * bytes, bytes);
          blocks.add(owner.adopt(backend.tensor(block, kernel.dtype(), size.input())));
        }
        List<Way> ways = size.preparation().prepare(backend, owner);
        boolean every = backend.name().equals(REFERENCE);
        for (Way way : every ? ways : ways.subList(0, 1)) {
          entrants.add(new Entrant(backend, size, blocks, way, new ArrayList<>()));
        }
      }
    }

    void race(double seconds) {
      long backends = entrants.stream().map(Entrant::backend).distinct().count();
      for (Entrant entrant : entrants) {
        repeat(List.of(entrant), seconds / 2);
        entrant.times().clear();
      }
      repeat(entrants, seconds * backends);
    }

    private static void repeat(List<Entrant> entrants, double seconds) {
      long begin = System.nanoTime();
      do {
        entrants.forEach(Entrant::takeTurn);
      } while (System.nanoTime() - begin < seconds * 1e9);
    }

    Result fastest(Backend backend, Kernel kernel) {
      return entrants.stream()
          .filter(entrant -> entrant.backend().equals(backend))
          .map(
              entrant ->
                  new Result(
                      kernel,
                      entrant.size(),
                      backend.name(),
                      entrant.way().name(),
                      entrant.times().size(),
                      Median.of(entrant.times())))
          .min(Comparator.comparingDouble(Result::seconds))
          .orElseThrow();
    }

    @Override
    public void close() {
      owners.forEach(Scope::close);
    }
  }
}
