package org.codonfuse.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.codonfuse.compute.torch.binding.CodonfuseNative;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call costs beyond the arithmetic. {@code downcall} crosses to native code and back; {@code
 * affine} adds checks, an owned tensor of one element and its release; {@code matmul} is the
 * smallest product that does some work.
 */
@State(Scope.Thread)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class CallOverheadBenchmark {
  private Backend backend;
  private org.codonfuse.compute.Scope inputs;
  private Tensor one;
  private Tensor square;
  private Arena arena;
  private MemorySegment slot;
  private MemorySegment handle;

  /** Opens the backend and says which one it is. */
  @SuppressWarnings("MustBeClosedChecker") // Closed after the trial.
  @Setup(Level.Trial)
  public void open() {
    Backends.Selection selection =
        Backends.select(new Backends.Request("torch", "cpu", 1, Work.INFERENCE));
    System.out.println("# " + selection.describe());
    backend = selection.backend();
    inputs = backend.newOwner();
    try (org.codonfuse.compute.Scope _ = backend.openScope(Mode.INFERENCE)) {
      one = inputs.adopt(backend.full(1, Shape.of(1)));
      square = inputs.adopt(backend.full(1, Shape.of(16, 16)));
    }
    arena = Arena.ofConfined();
    slot = arena.allocate(ValueLayout.ADDRESS);
    requireSuccess(
        CodonfuseNative.cf_tensor_full(
            1,
            CodonfuseNative.CF_FLOAT32(),
            arena.allocateFrom(ValueLayout.JAVA_LONG, 16, 16),
            2,
            CodonfuseNative.CF_CPU(),
            0,
            slot));
    handle = slot.get(ValueLayout.ADDRESS, 0);
  }

  /** Releases what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    CodonfuseNative.cf_tensor_free(handle);
    arena.close();
    inputs.close();
    backend.close();
  }

  /** A call that does nothing but answer. */
  @Benchmark
  public int downcall() {
    return CodonfuseNative.cf_abi_version();
  }

  /** The native calls of {@link #view} with their arguments at hand and nothing checked. */
  @Benchmark
  public long viewInC() {
    requireSuccess(
        CodonfuseNative.cf_transpose(CodonfuseNative.CF_INFERENCE(), handle, 0, 1, slot));
    MemorySegment result = slot.get(ValueLayout.ADDRESS, 0);
    CodonfuseNative.cf_tensor_free(result);
    return result.address();
  }

  /** An operation that computes nothing, its scope and its release. */
  @Benchmark
  public Shape view() {
    try (org.codonfuse.compute.Scope _ = backend.openScope(Mode.INFERENCE)) {
      return backend.transpose(square, 0, 1).shape();
    }
  }

  /** A scope with nothing in it. */
  @Benchmark
  public int scope() {
    try (org.codonfuse.compute.Scope scope = backend.openScope(Mode.INFERENCE)) {
      return scope.size();
    }
  }

  /** An operation on one element, its scope and its release. */
  @Benchmark
  public Shape affine() {
    try (org.codonfuse.compute.Scope _ = backend.openScope(Mode.INFERENCE)) {
      return backend.affine(one, 2, 1).shape();
    }
  }

  /** [16, 16] x [16, 16], its scope and its release. */
  @Benchmark
  public Shape matmul() {
    try (org.codonfuse.compute.Scope _ = backend.openScope(Mode.INFERENCE)) {
      return backend.matmul(square, square).shape();
    }
  }

  private static void requireSuccess(MemorySegment status) {
    if (status.address() != 0) {
      throw new IllegalStateException("A native call failed");
    }
  }
}
