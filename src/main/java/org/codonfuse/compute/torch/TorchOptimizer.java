package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_clip;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_free;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_moments;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_restore;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_set_rate;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_set_steps;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_step;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_steps;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_adam_zero_gradients;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_tensor_free;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Supplier;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.ShapeRules;
import org.codonfuse.compute.Tensor;

/** Adam of LibTorch; shares the parameters' memory, which lives until both have been released. */
final class TorchOptimizer implements Optimizer {
  private final TorchBackend backend;
  private final MemorySegment handle;
  private final List<Tensor> parameters;
  private final Leak leak;
  private boolean closed;

  TorchOptimizer(TorchBackend backend, MemorySegment handle, List<Tensor> parameters) {
    this.backend = backend;
    this.handle = handle;
    this.parameters = parameters;
    this.leak = Leak.watch(this, "Adam optimiser", parameters.size() + " parameters");
  }

  @Override
  public void step(double learningRate) {
    backend.tape().ifPresent(tape -> tape.requireFirst(this));
    backend.act("step", () -> Native.check(cf_adam_step(handle(), learningRate)), this);
    backend.tape().ifPresent(tape -> tape.steps(this, learningRate));
  }

  /** The learning rate of a recorded step. */
  void setRate(double learningRate) {
    Native.check(cf_adam_set_rate(handle(), learningRate));
  }

  /** Counts steps that were taken, or not taken after all, by way of a recording. */
  void countSteps(int more) {
    Native.check(cf_adam_set_steps(handle(), steps() + more));
  }

  @Override
  public void zeroGradients() {
    backend.act("zeroGradients", () -> Native.check(cf_adam_zero_gradients(handle())), this);
  }

  @Override
  public long steps() {
    return cf_adam_steps(handle());
  }

  @Override
  public HostRead clipGradients(double norm) {
    if (!(norm > 0)) {
      throw new IllegalArgumentException("clipGradients: norm " + norm);
    }
    Supplier<TorchRead> begin = () -> clip(norm);
    return backend.tape().map(tape -> tape.read(begin, this, norm)).orElseGet(begin);
  }

  private TorchRead clip(double norm) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_adam_clip(handle(), norm, before));
      return new TorchRead(before.get(ValueLayout.ADDRESS, 0), Shape.of(), DType.FLOAT32);
    }
  }

  @Override
  public Moments moments(int parameter) {
    Tensor like = parameters.get(parameter);
    MemorySegment adam = handle();
    backend.requireScope();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment second = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment steps = arena.allocate(ValueLayout.JAVA_LONG);
      Native.check(cf_adam_moments(adam, parameter, first, second, steps));
      MemorySegment variance = second.get(ValueLayout.ADDRESS, 0);
      Tensor mean;
      try {
        mean = backend.own(first.get(ValueLayout.ADDRESS, 0), like.shape(), like.dtype());
      } catch (Throwable e) {
        cf_tensor_free(variance);
        throw e;
      }
      return new Moments(
          steps.get(ValueLayout.JAVA_LONG, 0),
          mean,
          backend.own(variance, like.shape(), like.dtype()));
    }
  }

  @Override
  public void restore(long steps, List<Moments> moments) {
    if (steps < 0 || moments.size() != parameters.size()) {
      throw new IllegalArgumentException(
          "restore: step "
              + steps
              + " and moments of "
              + moments.size()
              + " parameters for "
              + parameters.size());
    }
    for (int i = 0; i < moments.size(); i++) {
      if (moments.get(i).steps() < 0 || moments.get(i).steps() > steps) {
        throw new IllegalArgumentException(
            "restore: " + moments.get(i).steps() + " steps of parameter " + i + " in " + steps);
      }
      for (Tensor moment : List.of(moments.get(i).first(), moments.get(i).second())) {
        ShapeRules.same("restore", moment.shape(), parameters.get(i).shape());
        ShapeRules.dtype("restore", moment, parameters.get(i).dtype());
      }
    }
    MemorySegment adam = handle();
    for (int i = 0; i < moments.size(); i++) {
      Moments each = moments.get(i);
      Native.check(
          cf_adam_restore(
              adam,
              i,
              TorchTensor.handle(each.first()),
              TorchTensor.handle(each.second()),
              each.steps()));
    }
    Native.check(cf_adam_set_steps(adam, steps));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cf_adam_free(handle);
      leak.released();
    }
  }

  private MemorySegment handle() {
    if (closed) {
      throw new IllegalStateException("The optimiser was used after it was closed");
    }
    return handle;
  }
}
