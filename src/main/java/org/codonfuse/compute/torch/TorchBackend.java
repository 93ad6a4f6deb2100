package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.MemoryUse;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Peers;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.Repetition;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.ShapeRules;
import org.codonfuse.compute.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes with LibTorch, on the CPU or one CUDA device.
 *
 * <p>Tensors own native memory, which their {@link Scope} gives back; one that is dropped
 * unreleased is reported in the log and not freed. Any thread may call, each in its own scope; a
 * scope must not be closed while another thread computes with its tensors. The number of threads,
 * the seed and whether CUDA devices may use TF32 are the process's, so that the backend opened last
 * decides. After {@link #close} every operation is an {@link IllegalStateException}; scopes and
 * optimisers may still be closed.
 */
public final class TorchBackend extends TorchOperations {
  private static final Logger LOG = LoggerFactory.getLogger(TorchBackend.class);

  private final String engine;
  private final String description;

  private TorchBackend(Device device, String engine, String description) {
    super(device);
    this.engine = engine;
    this.description = description;
  }

  /**
   * Opens a backend that a probe found available.
   *
   * @param tf32 whether a CUDA device may round factors of float32 products to 10 bits
   */
  static TorchBackend open(Device device, int threads, boolean tf32) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads");
    }
    String version = "LibTorch " + TorchLibrary.version();
    Native.check(cf_set_threads(threads));
    String processor = TorchLibrary.cpuCapability();
    if (device.kind() == Device.Kind.CUDA) {
      Native.check(cf_allow_tf32(tf32 ? 1 : 0));
      processor = CudaDevices.memory(device.index()).name();
      CudaDevices.kernelsMissing(device.index())
          .ifPresent(
              reason ->
                  LOG.warn(
                      "{} computes bfloat16 and float16 more slowly than it could: {}",
                      device,
                      reason));
    }
    String how = " (" + processor + ")" + (tf32 ? ", TF32" : "");
    // Which one of equal devices it is makes no difference to results.
    String kind = device.kind().name().toLowerCase(Locale.ROOT);
    return new TorchBackend(
        device,
        version + ", " + kind + how,
        version + ", " + device + how + ", " + threads + (threads == 1 ? " thread" : " threads"));
  }

  /**
   * Number of native tensors and optimisers in this process that were not released; 0 if the
   * library is not loaded.
   */
  public static long liveHandles() {
    return TorchLibrary.refusal().isPresent() ? 0 : cf_live_handles();
  }

  @Override
  public String name() {
    return TorchProvider.NAME;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public Optional<String> deviceId() {
    return device.kind() == Device.Kind.CPU
        ? Optional.empty()
        : Optional.of(CudaDevices.id(device.index()));
  }

  @Override
  public long freeMemory() {
    return device.kind() == Device.Kind.CPU
        ? super.freeMemory()
        : CudaDevices.memory(device.index()).freeBytes()
            + memoryUse().map(use -> use.held() - use.used()).orElse(0L);
  }

  @Override
  public Optional<MemoryUse> memoryUse() {
    if (device.kind() == Device.Kind.CPU) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG, 3);
      Native.check(
          cf_memory_use(
              Native.code(device.kind()),
              device.index(),
              bytes,
              bytes.asSlice(Long.BYTES),
              bytes.asSlice(2 * Long.BYTES)));
      return Optional.of(
          new MemoryUse(
              bytes.getAtIndex(ValueLayout.JAVA_LONG, 0),
              bytes.getAtIndex(ValueLayout.JAVA_LONG, 1),
              bytes.getAtIndex(ValueLayout.JAVA_LONG, 2)));
    }
  }

  @Override
  public void forgetPeakMemory() {
    if (device.kind() != Device.Kind.CPU) {
      Native.check(cf_memory_forget_peak(Native.code(device.kind()), device.index()));
    }
  }

  @Override
  public HostRead read(Tensor x, DType dtype) {
    ShapeRules.read(x, dtype);
    Supplier<TorchRead> begin = () -> TorchRead.begin(handle(x), x.shape(), dtype);
    return tape().map(tape -> tape.read(begin, x, dtype)).orElseGet(begin);
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Scope openScope(Mode mode, Precision products) {
    requireOpen();
    if (products == Precision.FLOAT16) {
      throw new UnsupportedOperationException(
          "Products in float16 would need their gradients scaled; use bfloat16");
    }
    return scopes.open(mode, products);
  }

  @Override
  public Scope newOwner() {
    requireOpen();
    return scopes.newOwner();
  }

  @Override
  public HostTensor hostTensor(Shape shape) {
    requireOpen();
    return TorchHostTensor.allocate(device, shape);
  }

  @Override
  public Tensor tensor(HostTensor values) {
    if (!(values instanceof TorchHostTensor host)) {
      return super.tensor(values);
    }
    TorchTensor tensor =
        call(
            "tensor",
            host.shape(),
            DType.FLOAT32,
            (_, _, out) ->
                cf_upload(host.handle(), Native.code(device.kind()), device.index(), out));
    tape()
        .ifPresent(
            tape ->
                tape.uploads(
                    (_, graph, index) ->
                        Native.check(cf_graph_upload(graph, index, host.handle()))));
    return tensor;
  }

  @Override
  public Tensor tensor(float[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    return copied(MemorySegment.ofArray(values), DType.FLOAT32, shape);
  }

  @Override
  public Tensor tensor(long[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    TorchTensor tensor = copied(MemorySegment.ofArray(values), DType.INT64, shape);
    tensor.madeFrom(values);
    return tensor;
  }

  @Override
  public Tensor tensor(MemorySegment values, DType dtype, Shape shape) {
    int bytes = dtype.bytes();
    if (values.byteSize() != Math.multiplyExact(shape.size(), (long) bytes)) {
      throw new IllegalArgumentException(
          "tensor: " + values.byteSize() + " bytes do not fill " + dtype + shape);
    }
    return isAligned(values, dtype) && device.kind() == Device.Kind.CPU && values.byteSize() > 0
        ? call(
            "tensor",
            shape,
            dtype,
            (_, arena, out) ->
                cf_tensor_borrow(
                    values, Native.code(dtype), Native.sizes(arena, shape), shape.rank(), out))
        : copied(values, dtype, shape);
  }

  @Override
  public Tensor full(double value, Shape shape) {
    return call(
        "full",
        shape,
        DType.FLOAT32,
        (_, arena, out) ->
            cf_tensor_full(
                value,
                CF_FLOAT32(),
                Native.sizes(arena, shape),
                shape.rank(),
                Native.code(device.kind()),
                device.index(),
                out),
        value,
        shape);
  }

  @Override
  public void seed(long seed) {
    requireOpen();
    requireNotRecorded("seed");
    Native.check(cf_seed(seed));
  }

  @Override
  public Tensor parameter(Tensor initial) {
    requireNotRecorded("parameter");
    ShapeRules.floating("parameter", initial);
    return call(
        "parameter",
        initial.shape(),
        initial.dtype(),
        (_, _, out) -> cf_parameter(handle(initial), out));
  }

  @Override
  public void assign(Tensor parameter, Tensor values) {
    ShapeRules.sameFloating("assign", parameter, values);
    ShapeRules.same("assign", parameter.shape(), values.shape());
    requireOpen();
    requireNotRecorded("assign");
    Native.check(cf_assign(handle(parameter), handle(values)));
  }

  @Override
  public void backward(Tensor loss) {
    ShapeRules.floating("backward", loss);
    ShapeRules.same("backward", loss.shape(), Shape.of());
    requireOpen();
    act("backward", () -> Native.check(cf_backward(handle(loss))), loss);
  }

  @Override
  public void backward(Tensor output, Tensor gradient) {
    ShapeRules.sameFloating("backward", output, gradient);
    ShapeRules.same("backward", output.shape(), gradient.shape());
    requireOpen();
    requireNotRecorded("backward");
    Native.check(cf_backward_from(handle(output), handle(gradient)));
  }

  @Override
  public Optional<Tensor> gradient(Tensor parameter) {
    requireOpen();
    requireNotRecorded("gradient");
    scopes.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(cf_gradient(handle(parameter), out));
      MemorySegment gradient = out.get(ValueLayout.ADDRESS, 0);
      return gradient.address() == 0
          ? Optional.empty()
          : Optional.of(own(gradient, parameter.shape(), parameter.dtype()));
    }
  }

  @Override
  public ProcessGroup join(Peers peers) {
    requireOpen();
    return TorchProcessGroup.join(peers, device);
  }

  @Override
  public Optimizer adam(List<Tensor> parameters, double[] factors, AdamOptions options) {
    requireOpen();
    List<Tensor> fixed = List.copyOf(parameters);
    if (factors.length != fixed.size() || !Arrays.stream(factors).allMatch(f -> f >= 0)) {
      throw new IllegalArgumentException(
          "adam: factors " + Arrays.toString(factors) + " for " + fixed.size() + " parameters");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(
          cf_adam_new(
              Native.handles(arena, fixed),
              arena.allocateFrom(ValueLayout.JAVA_DOUBLE, factors),
              fixed.size(),
              options.beta1(),
              options.beta2(),
              options.epsilon(),
              options.weightDecay(),
              out));
      MemorySegment adam = out.get(ValueLayout.ADDRESS, 0);
      try {
        return new TorchOptimizer(this, adam, fixed);
      } catch (Throwable e) {
        cf_adam_free(adam);
        throw e;
      }
    }
  }

  @Override
  public Repetition repetition() {
    requireOpen();
    return new TorchRepetition(this);
  }

  @Override
  public void close() {
    closed = true;
  }

  /** A tensor with a copy of what is anywhere in memory. */
  private TorchTensor copied(MemorySegment values, DType dtype, Shape shape) {
    TorchTensor tensor =
        call(
            "tensor",
            shape,
            dtype,
            (_, arena, out) ->
                cf_tensor_copy_of(
                    isAligned(values, dtype)
                        ? values
                        : arena.allocate(values.byteSize(), dtype.bytes()).copyFrom(values),
                    Native.code(dtype),
                    Native.sizes(arena, shape),
                    shape.rank(),
                    Native.code(device.kind()),
                    device.index(),
                    out));
    uploads(values);
    return tensor;
  }

  /** Whether native code can read it where it is. */
  private static boolean isAligned(MemorySegment values, DType dtype) {
    return values.isNative() && values.address() % dtype.bytes() == 0;
  }
}
