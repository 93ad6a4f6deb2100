package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Scopes;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;

/**
 * How the torch backend calls the library: one place owns what comes back, one looks at whether a
 * step is recorded.
 */
abstract class TorchCalls implements TrainableBackend {
  /** What a step of a {@link TorchRepetition} is recorded on or compared with. */
  private static final ThreadLocal<Tape> TAPES = new ThreadLocal<>();

  final Scopes scopes = new Scopes();
  final Device device;
  volatile boolean closed;

  /** A native function that writes a new reference to {@code out}. */
  @FunctionalInterface
  interface Call {
    MemorySegment run(int mode, Arena arena, MemorySegment out);
  }

  TorchCalls(Device device) {
    this.device = device;
  }

  /** The one place that turns an out-pointer into a tensor of the calling thread's scope. */
  TorchTensor own(MemorySegment handle, Shape shape, DType dtype) {
    TorchTensor tensor;
    try {
      assert Native.matches(handle, shape, dtype) : "LibTorch disagrees about " + dtype + shape;
      tensor = new TorchTensor(handle, shape, dtype);
    } catch (Throwable e) {
      cf_tensor_free(handle);
      throw e;
    }
    return scopes.own(tensor);
  }

  /** Fails before native memory is taken that no scope would own. */
  void requireScope() {
    requireOpen();
    scopes.current();
  }

  /**
   * Computes.
   *
   * @param of what, beside the values of tensors, the result depends on
   */
  TorchTensor call(String operation, Shape shape, DType dtype, Call call, Object... of) {
    requireOpen();
    Scope scope = scopes.current();
    int mode = Native.code(scope.mode(), scope.products());
    if (shape.rank() > CF_MAX_RANK()) {
      throw new IllegalArgumentException("Shape " + shape + " has more than 8 axes");
    }
    Tape tape = TAPES.get();
    if (tape == null) {
      return compute(mode, shape, dtype, call);
    }
    return tape.replays()
        ? scopes.own(tape.expect(operation, shape, dtype, mode, of))
        : tape.record(compute(mode, shape, dtype, call), operation, mode, of);
  }

  TorchTensor compute(int mode, Shape shape, DType dtype, Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(call.run(mode, arena, out));
      return own(out.get(ValueLayout.ADDRESS, 0), shape, dtype);
    }
  }

  /** What the calling thread's step is recorded on, if it is. */
  Optional<Tape> tape() {
    return Optional.ofNullable(TAPES.get());
  }

  /** An operation of the calling thread's step that returns nothing. */
  void act(String operation, Runnable action, Object... of) {
    Tape tape = TAPES.get();
    if (tape == null) {
      action.run();
    } else {
      tape.act(operation, action, of);
    }
  }

  /**
   * What an input of a recorded step, which was just made, is filled from before the launch.
   *
   * @param values of which a copy is kept: the caller may change them before that
   */
  static void uploads(MemorySegment values) {
    Tape tape = TAPES.get();
    if (tape != null) {
      byte[] copy = values.toArray(ValueLayout.JAVA_BYTE);
      tape.uploads(
          (arena, graph, index) -> {
            MemorySegment data =
                arena.allocate(copy.length, Long.BYTES).copyFrom(MemorySegment.ofArray(copy));
            Native.check(cf_graph_input(graph, index, data, data.byteSize()));
          });
    }
  }

  void requireNotRecorded(String operation) {
    if (TAPES.get() != null) {
      throw new Tape.Diverged(operation + " cannot be recorded");
    }
  }

  /** Begins to record what the calling thread asks the device for, where that is possible. */
  Optional<Tape> beginTape() {
    requireOpen();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_graph_begin(Native.code(device.kind()), device.index(), out));
      MemorySegment graph = out.get(ValueLayout.ADDRESS, 0);
      return graph.address() == 0 ? Optional.empty() : Optional.of(new Tape(graph));
    }
  }

  /** Takes a step whose operations go to a tape. */
  List<HostRead> with(Tape tape, Supplier<List<HostRead>> step) {
    TAPES.set(tape);
    try {
      return step.get();
    } finally {
      TAPES.remove();
    }
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The torch backend was used after it was closed");
    }
  }

  static MemorySegment handle(Tensor tensor) {
    return TorchTensor.handle(tensor);
  }
}
