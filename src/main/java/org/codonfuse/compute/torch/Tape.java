package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_graph_end;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_graph_free;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_graph_launch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/**
 * What a step asks for, in order. It is recorded together with a graph of the device; a later step
 * that asks for the same is not computed operation by operation, but by launching the graph. For
 * one thread.
 */
final class Tape implements AutoCloseable {
  /** A step asks for something else than was recorded, or for what cannot be recorded. */
  static final class Diverged extends RuntimeException {
    private static final long serialVersionUID = 1;

    Diverged(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Where a tensor comes from.
   *
   * @param tape whose step computed it
   * @param step which of its steps: what an earlier one left is nothing that this one computes
   * @param number among the operations of the step
   */
  record Place(Tape tape, int step, int number) {}

  /**
   * One operation.
   *
   * @param mode native number of the scope's mode and precision of products
   * @param arguments tensors that the step computed by their number, others as they are
   */
  private record Entry(
      String operation, Shape shape, DType dtype, int mode, List<Object> arguments) {}

  /** Brings the values of an input to the device. */
  @FunctionalInterface
  interface Upload {
    void to(Arena arena, MemorySegment graph, int index);
  }

  private final MemorySegment graph;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Upload> inputs = new ArrayList<>();
  private final List<TorchOptimizer> steppers = new ArrayList<>();
  private final List<Double> rates = new ArrayList<>();
  private final List<TorchRead> reads = new ArrayList<>();
  private boolean recorded;
  private int step;
  private int next;
  private int nextRead;

  /**
   * @param graph that the calling thread records; owned by the tape
   */
  Tape(MemorySegment graph) {
    this.graph = graph;
  }

  /** Whether operations are only compared. */
  boolean replays() {
    return recorded;
  }

  /** Begins a step that asks for the same again. */
  void rewind() {
    step++;
    next = 0;
    nextRead = 0;
    inputs.clear();
    steppers.clear();
    rates.clear();
  }

  /** Notes an operation and what it returned. */
  TorchTensor record(TorchTensor computed, String operation, int mode, Object... of) {
    computed.takes(new Place(this, step, entries.size()));
    entries.add(new Entry(operation, computed.shape(), computed.dtype(), mode, identified(of)));
    return computed;
  }

  /**
   * Compares an operation with what was recorded.
   *
   * @return what stands for its result
   */
  TorchTensor expect(String operation, Shape shape, DType dtype, int mode, Object... of) {
    compare(new Entry(operation, shape, dtype, mode, identified(of)));
    TorchTensor tensor = TorchTensor.placeholder(shape, dtype);
    tensor.takes(new Place(this, step, next++));
    return tensor;
  }

  /** An operation that returns nothing. */
  void act(String operation, Runnable action, Object... of) {
    Entry entry = new Entry(operation, Shape.of(), DType.FLOAT32, 0, identified(of));
    if (recorded) {
      compare(entry);
      next++;
    } else {
      action.run();
      entries.add(entry);
    }
  }

  /** What the operation before this one, which returns an input, copies before the launch. */
  void uploads(Upload input) {
    inputs.add(input);
  }

  /** Fails if an optimiser has taken a step: it has one learning rate in a launch. */
  void requireFirst(TorchOptimizer optimizer) {
    if (steppers.contains(optimizer)) {
      throw new Diverged("an optimiser that steps twice cannot be recorded");
    }
  }

  /** The learning rate of the step that the operation before this one takes. */
  void steps(TorchOptimizer optimizer, double rate) {
    steppers.add(optimizer);
    rates.add(rate);
  }

  /**
   * A read that begins with every launch.
   *
   * @param begin begins it
   */
  TorchRead read(Supplier<TorchRead> begin, Object... of) {
    act("read", () -> reads.add(begin.get()), of);
    return reads.get(nextRead++).borrowed();
  }

  private void compare(Entry entry) {
    if (next >= entries.size() || !entries.get(next).equals(entry)) {
      throw new Diverged(
          entry + " where " + (next < entries.size() ? entries.get(next) : "nothing") + " was");
    }
  }

  private List<Object> identified(Object[] arguments) {
    return Arrays.stream(arguments).map(this::identified).toList();
  }

  private Object identified(Object argument) {
    return switch (argument) {
      case TorchTensor tensor when tensor.place().filter(this::isOfThisStep).isPresent() ->
          tensor.place().get().number();
      case Optional<?> optional -> optional.map(this::identified);
      case List<?> list -> list.stream().map(this::identified).toList();
      case Mask(Tensor valid, boolean full) -> List.of(identified(valid), full);
      case Epilogue.Combination(var function, Tensor other) -> List.of(function, identified(other));
      default -> argument;
    };
  }

  private boolean isOfThisStep(Place place) {
    return place.tape == this && place.step == step;
  }

  /** Ends the recording. */
  void end() {
    Native.check(cf_graph_end(graph));
    recorded = true;
  }

  /** Ends a recording that is of no use, whatever the reason. */
  void abandon() {
    try {
      end();
    } catch (RuntimeException _) {
      // The step is taken without it.
    }
    for (TorchOptimizer optimizer : steppers) {
      optimizer.countSteps(-1);
    }
  }

  /** Fails if less was asked for than was recorded. */
  void requireWhole() {
    if (next != entries.size()) {
      throw new Diverged("a step ended after " + next + " of " + entries.size() + " operations");
    }
  }

  /**
   * Does what the step asked for.
   *
   * @param first whether this is the step that was recorded
   */
  void launch(boolean first) {
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < inputs.size(); i++) {
        inputs.get(i).to(arena, graph, i);
      }
      for (int i = 0; i < steppers.size(); i++) {
        steppers.get(i).setRate(rates.get(i));
        if (!first) {
          steppers.get(i).countSteps(1);
        }
      }
      Native.check(cf_graph_launch(graph));
    }
    inputs.clear();
  }

  @Override
  public void close() {
    cf_graph_free(graph);
    reads.forEach(TorchRead::close);
  }
}
