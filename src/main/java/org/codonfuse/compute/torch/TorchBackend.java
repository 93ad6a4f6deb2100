package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.MemoryUse;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Peers;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.Repetition;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Scopes;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.ShapeRules;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Unary;
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
public final class TorchBackend implements TrainableBackend {
  private static final Logger LOG = LoggerFactory.getLogger(TorchBackend.class);

  /** Rows of a batch of sequences, for which weights are laid out. */
  private static final long TYPICAL_ROWS = 2048;

  private final Scopes scopes = new Scopes();

  /** What a step of a {@link TorchRepetition} is recorded on or compared with. */
  private static final ThreadLocal<Tape> TAPES = new ThreadLocal<>();

  private final Device device;
  private final String engine;
  private final String description;
  private volatile boolean closed;

  /** A native function that writes a new reference to {@code out}. */
  @FunctionalInterface
  private interface Call {
    MemorySegment run(int mode, Arena arena, MemorySegment out);
  }

  private TorchBackend(Device device, String engine, String description) {
    this.device = device;
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
        ? TrainableBackend.super.freeMemory()
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
      return TrainableBackend.super.tensor(values);
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
    TorchTensor tensor =
        call(
            "tensor",
            shape,
            DType.FLOAT32,
            (_, arena, out) ->
                copy(
                    arena,
                    arena.allocateFrom(ValueLayout.JAVA_FLOAT, values),
                    DType.FLOAT32,
                    shape,
                    out));
    uploads(() -> MemorySegment.ofArray(values.clone()));
    return tensor;
  }

  @Override
  public Tensor tensor(long[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    TorchTensor tensor =
        call(
            "tensor",
            shape,
            DType.INT64,
            (_, arena, out) ->
                copy(
                    arena,
                    arena.allocateFrom(ValueLayout.JAVA_LONG, values),
                    DType.INT64,
                    shape,
                    out));
    tensor.madeFrom(values);
    uploads(() -> MemorySegment.ofArray(values.clone()));
    return tensor;
  }

  @Override
  public Tensor tensor(MemorySegment values, DType dtype, Shape shape) {
    int bytes = dtype.bytes();
    if (values.byteSize() != Math.multiplyExact(shape.size(), (long) bytes)) {
      throw new IllegalArgumentException(
          "tensor: " + values.byteSize() + " bytes do not fill " + dtype + shape);
    }
    boolean usable = values.isNative() && values.address() % bytes == 0;
    boolean borrowed = usable && device.kind() == Device.Kind.CPU && values.byteSize() > 0;
    TorchTensor tensor =
        call(
            "tensor",
            shape,
            dtype,
            (_, arena, out) -> {
              if (borrowed) {
                return cf_tensor_borrow(
                    values, Native.code(dtype), Native.sizes(arena, shape), shape.rank(), out);
              }
              MemorySegment source =
                  usable ? values : arena.allocate(values.byteSize(), bytes).copyFrom(values);
              return copy(arena, source, dtype, shape, out);
            });
    uploads(() -> MemorySegment.ofArray(values.toArray(ValueLayout.JAVA_BYTE)));
    return tensor;
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
  public Tensor cast(Tensor x, DType dtype) {
    MemorySegment source = handle(x);
    return x.dtype() == dtype
        ? x
        : call(
            "cast",
            x.shape(),
            dtype,
            (mode, _, out) -> cf_cast(mode, source, Native.code(dtype), out),
            x,
            dtype);
  }

  @Override
  public Tensor reshape(Tensor x, Shape shape) {
    return call(
        "reshape",
        ShapeRules.reshape(x.shape(), shape),
        x.dtype(),
        (mode, arena, out) ->
            cf_reshape(mode, handle(x), Native.sizes(arena, shape), shape.rank(), out),
        x,
        shape);
  }

  @Override
  public Tensor transpose(Tensor x, int axis, int other) {
    Shape result = ShapeRules.transpose(x.shape(), axis, other);
    int first = x.shape().axis(axis);
    int second = x.shape().axis(other);
    return call(
        "transpose",
        result,
        x.dtype(),
        (mode, _, out) -> cf_transpose(mode, handle(x), first, second, out),
        x,
        axis,
        other);
  }

  @Override
  public Tensor narrow(Tensor x, int axis, long start, long length) {
    Shape result = ShapeRules.narrow(x.shape(), axis, start, length);
    int normal = x.shape().axis(axis);
    return call(
        "narrow",
        result,
        x.dtype(),
        (mode, _, out) -> cf_narrow(mode, handle(x), normal, start, length, out),
        x,
        axis,
        start,
        length);
  }

  @Override
  public Tensor concat(List<Tensor> tensors, int axis) {
    Shape result = ShapeRules.concat(tensors, axis);
    int normal = result.axis(axis);
    return call(
        "concat",
        result,
        tensors.getFirst().dtype(),
        (mode, arena, out) ->
            cf_concat(mode, Native.handles(arena, tensors), tensors.size(), normal, out),
        tensors,
        axis);
  }

  @Override
  public Tensor unary(Unary function, Tensor x) {
    ShapeRules.floating(function.name(), x);
    int code = Native.code(function);
    return call(
        "unary",
        x.shape(),
        x.dtype(),
        (mode, _, out) -> cf_unary(mode, code, handle(x), out),
        function,
        x);
  }

  @Override
  public Tensor binary(Binary function, Tensor a, Tensor b) {
    ShapeRules.sameFloating(function.name(), a, b);
    int code = Native.code(function);
    return call(
        "binary",
        ShapeRules.broadcast(a.shape(), b.shape()),
        a.dtype(),
        (mode, _, out) -> cf_binary(mode, code, handle(a), handle(b), out),
        function,
        a,
        b);
  }

  @Override
  public Tensor affine(Tensor x, double scale, double shift) {
    ShapeRules.floating("affine", x);
    return call(
        "affine",
        x.shape(),
        x.dtype(),
        (mode, _, out) -> cf_affine(mode, handle(x), scale, shift, out),
        x,
        scale,
        shift);
  }

  @Override
  public Tensor clamp(Tensor x, double low, double high) {
    ShapeRules.floating("clamp", x);
    return call(
        "clamp",
        x.shape(),
        x.dtype(),
        (mode, _, out) -> cf_clamp(mode, handle(x), low, high, out),
        x,
        low,
        high);
  }

  @Override
  public Tensor sum(Tensor x, int axis) {
    ShapeRules.floating("sum", x);
    int normal = x.shape().axis(axis);
    return call(
        "sum",
        ShapeRules.without(x.shape(), axis),
        x.dtype(),
        (mode, _, out) -> cf_sum(mode, handle(x), normal, out),
        x,
        axis);
  }

  @Override
  public Tensor mean(Tensor x, int axis) {
    ShapeRules.floating("mean", x);
    int normal = x.shape().axis(axis);
    return call(
        "mean",
        ShapeRules.without(x.shape(), axis),
        x.dtype(),
        (mode, _, out) -> cf_mean(mode, handle(x), normal, out),
        x,
        axis);
  }

  @Override
  public Tensor softmax(Tensor x) {
    ShapeRules.floating("softmax", x);
    return call(
        "softmax",
        ShapeRules.softmax(x.shape()),
        x.dtype(),
        (mode, _, out) -> cf_softmax(mode, handle(x), out),
        x);
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    ShapeRules.sameFloating("matmul", a, b);
    return call(
        "matmul",
        ShapeRules.matmul(a.shape(), b.shape()),
        a.dtype(),
        (mode, _, out) -> cf_matmul(mode, handle(a), handle(b), out),
        a,
        b);
  }

  @Override
  public Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias, Epilogue epilogue) {
    Shape result = ShapeRules.linear(x, weight, bias, epilogue);
    int function = epilogue instanceof Epilogue.Function(Unary f) ? Native.code(f) : CF_IDENTITY();
    int combination =
        epilogue instanceof Epilogue.Combination(Binary f, Tensor _) ? Native.code(f) : CF_ADD();
    MemorySegment other =
        epilogue instanceof Epilogue.Combination(Binary _, Tensor t)
            ? handle(t)
            : MemorySegment.NULL;
    return call(
        "linear",
        result,
        x.dtype(),
        (mode, _, out) ->
            cf_linear(
                mode,
                handle(x),
                handle(weight),
                bias.map(TorchBackend::handle).orElse(MemorySegment.NULL),
                function,
                combination,
                other,
                out),
        x,
        weight,
        bias,
        epilogue);
  }

  @Override
  public List<Tensor> linears(Tensor x, List<Tensor> weights, List<Tensor> biases) {
    if (device.kind() == Device.Kind.CPU) {
      return TrainableBackend.super.linears(x, weights, biases);
    }
    List<Shape> shapes = ShapeRules.linears(x, weights, biases);
    requireScope();
    Scope scope = scopes.current();
    int mode = Native.code(scope.mode(), scope.products());
    Tape tape = TAPES.get();
    List<Tensor> results = new ArrayList<>();
    if (tape != null && tape.replays()) {
      for (Shape shape : shapes) {
        results.add(scopes.own(tape.expect("linears", shape, x.dtype(), mode, x, weights, biases)));
      }
      return results;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS, shapes.size());
      Native.check(
          cf_linears(
              mode,
              handle(x),
              Native.handles(arena, weights),
              Native.handles(arena, biases),
              shapes.size(),
              out));
      for (int i = 0; i < shapes.size(); i++) {
        TorchTensor result = own(out.getAtIndex(ValueLayout.ADDRESS, i), shapes.get(i), x.dtype());
        results.add(
            tape == null ? result : tape.record(result, "linears", mode, x, weights, biases));
      }
      return results;
    }
  }

  @Override
  public Tensor pack(Tensor weight) {
    requireNotRecorded("pack");
    return call(
        "pack",
        ShapeRules.pack("pack", weight),
        weight.dtype(),
        (_, _, out) -> cf_pack_weight(handle(weight), TYPICAL_ROWS, out));
  }

  @Override
  public Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    return call(
        "layerNorm",
        ShapeRules.layerNorm(x, weight, bias),
        x.dtype(),
        (mode, _, out) ->
            cf_layer_norm(mode, handle(x), handle(weight), handle(bias), epsilon, out),
        x,
        weight,
        bias,
        epsilon);
  }

  @Override
  public Tensor embedding(Tensor table, Tensor ids) {
    ShapeRules.floating("embedding", table);
    ShapeRules.dtype("embedding", ids, DType.INT64);
    Shape result = ShapeRules.embedding(table.shape(), ids.shape());
    TorchTensor.of(ids).requireIndices("embedding", table.shape().dim(0));
    return call(
        "embedding",
        result,
        table.dtype(),
        (mode, _, out) -> cf_embedding(mode, handle(table), handle(ids), out),
        table,
        ids);
  }

  @Override
  public Tensor selfAttention(
      Tensor qkv, Packing packing, int heads, double scale, Optional<Rotation> rotation) {
    requireNotRecorded("selfAttention");
    Shape result = ShapeRules.selfAttention(qkv, packing, heads, rotation);
    MemorySegment cos = rotation.map(r -> handle(r.cos())).orElse(MemorySegment.NULL);
    MemorySegment sin = rotation.map(r -> handle(r.sin())).orElse(MemorySegment.NULL);
    return call(
        "selfAttention",
        result,
        qkv.dtype(),
        (mode, arena, out) ->
            cf_self_attention(
                mode,
                handle(qkv),
                Native.longs(arena, packing.offsets()),
                packing.sequences(),
                cos,
                sin,
                heads,
                scale,
                out));
  }

  @Override
  public Tensor attention(
      Tensor q, Tensor k, Tensor v, Mask keys, int heads, double scale, double dropout) {
    ShapeRules.sameFloating("attention", q, k, v);
    requireProbability("attention", dropout);
    return call(
        "attention",
        ShapeRules.attention(q.shape(), k.shape(), v.shape(), keys, heads),
        q.dtype(),
        (mode, _, out) ->
            cf_attention(
                mode, handle(q), handle(k), handle(v), mask(keys), heads, scale, dropout, out),
        q,
        k,
        v,
        keys,
        heads,
        scale,
        dropout);
  }

  @Override
  public Tensor conv1d(Tensor x, Tensor weight, Tensor bias, int left, int right) {
    ShapeRules.sameFloating("conv1d", x, weight, bias);
    return call(
        "conv1d",
        ShapeRules.conv1d(x.shape(), weight.shape(), bias.shape(), left, right),
        x.dtype(),
        (mode, _, out) ->
            cf_conv1d(mode, handle(x), handle(weight), handle(bias), left, right, out),
        x,
        weight,
        bias,
        left,
        right);
  }

  @Override
  public Tensor convMax(Tensor x, Tensor weight, Tensor bias, int left, int right, Mask mask) {
    ShapeRules.sameFloating("convMax", x, weight, bias);
    Shape features = ShapeRules.conv1d(x.shape(), weight.shape(), bias.shape(), left, right);
    return call(
        "convMax",
        ShapeRules.pooled("convMax", features, mask),
        x.dtype(),
        (mode, _, out) ->
            cf_conv_max(
                mode, handle(x), handle(weight), handle(bias), left, right, mask(mask), out),
        x,
        weight,
        bias,
        left,
        right,
        mask);
  }

  @Override
  public Tensor convTranspose1d(Tensor x, Tensor weight, int stride, int padding) {
    ShapeRules.sameFloating("convTranspose1d", x, weight);
    return call(
        "convTranspose1d",
        ShapeRules.convTranspose1d(x.shape(), weight.shape(), stride, padding),
        x.dtype(),
        (mode, _, out) ->
            cf_conv_transpose1d(mode, handle(x), handle(weight), stride, padding, out),
        x,
        weight,
        stride,
        padding);
  }

  @Override
  public Tensor maskedFill(Tensor x, Mask mask, double value) {
    ShapeRules.floating("maskedFill", x);
    return call(
        "maskedFill",
        ShapeRules.masked("maskedFill", x.shape(), mask),
        x.dtype(),
        (mode, _, out) -> cf_masked_fill(mode, handle(x), handle(mask.valid()), value, out),
        x,
        mask,
        value);
  }

  @Override
  public Tensor maskedMean(Tensor x, Mask mask) {
    ShapeRules.floating("maskedMean", x);
    return call(
        "maskedMean",
        ShapeRules.pooled("maskedMean", x.shape(), mask),
        x.dtype(),
        (mode, _, out) -> cf_masked_mean(mode, handle(x), mask(mask), out),
        x,
        mask);
  }

  @Override
  public Tensor maskedMax(Tensor x, Mask mask) {
    ShapeRules.floating("maskedMax", x);
    return call(
        "maskedMax",
        ShapeRules.pooled("maskedMax", x.shape(), mask),
        x.dtype(),
        (mode, _, out) -> cf_masked_max(mode, handle(x), mask(mask), out),
        x,
        mask);
  }

  @Override
  public Tensor segmentSum(Tensor x, Segments segments) {
    requireNotRecorded("segmentSum");
    ShapeRules.floating("segmentSum", x);
    return call(
        "segmentSum",
        ShapeRules.segmentSum(x.shape(), segments),
        x.dtype(),
        (mode, arena, out) ->
            cf_segment_sum(
                mode,
                handle(x),
                Native.longs(arena, segments.offsets()),
                segments.count(),
                Native.longs(arena, segments.rows()),
                arena.allocateFrom(ValueLayout.JAVA_FLOAT, segments.weights()),
                out));
  }

  @Override
  public Tensor dropout(Tensor x, double probability) {
    ShapeRules.floating("dropout", x);
    requireProbability("dropout", probability);
    MemorySegment source = handle(x);
    return scopes.current().mode() != Mode.TRAINING || probability == 0
        ? x
        : call(
            "dropout",
            x.shape(),
            x.dtype(),
            (mode, _, out) -> cf_dropout(mode, source, probability, out),
            x,
            probability);
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
  public Tensor meanSquaredError(Tensor output, Tensor target) {
    ShapeRules.sameFloating("meanSquaredError", output, target);
    ShapeRules.same("meanSquaredError", output.shape(), target.shape());
    return call(
        "meanSquaredError",
        Shape.of(),
        output.dtype(),
        (mode, _, out) -> cf_mse_loss(mode, handle(output), handle(target), out),
        output,
        target);
  }

  @Override
  public Tensor crossEntropy(Tensor logits, Tensor target) {
    ShapeRules.floating("crossEntropy", logits);
    ShapeRules.crossEntropy(logits.shape(), target);
    TorchTensor.of(target).requireIndices("crossEntropy", logits.shape().dim(1));
    return call(
        "crossEntropy",
        Shape.of(),
        logits.dtype(),
        (mode, _, out) -> cf_cross_entropy(mode, handle(logits), handle(target), out),
        logits,
        target);
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
  public Tensor freeze(Tensor weight) {
    requireNotRecorded("freeze");
    return call(
        "freeze",
        ShapeRules.pack("freeze", weight),
        weight.dtype(),
        (_, _, out) -> cf_freeze_weight(handle(weight), TYPICAL_ROWS, out));
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
  private TorchTensor call(String operation, Shape shape, DType dtype, Call call, Object... of) {
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

  private TorchTensor compute(int mode, Shape shape, DType dtype, Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(call.run(mode, arena, out));
      return own(out.get(ValueLayout.ADDRESS, 0), shape, dtype);
    }
  }

  private MemorySegment copy(
      Arena arena, MemorySegment values, DType dtype, Shape shape, MemorySegment out) {
    return cf_tensor_copy_of(
        values,
        Native.code(dtype),
        Native.sizes(arena, shape),
        shape.rank(),
        Native.code(device.kind()),
        device.index(),
        out);
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
   * @param copy of the values, which the caller may change before that
   */
  private static void uploads(Supplier<MemorySegment> copy) {
    Tape tape = TAPES.get();
    if (tape != null) {
      MemorySegment values = copy.get();
      tape.uploads(
          (arena, graph, index) -> {
            MemorySegment data = arena.allocate(values.byteSize(), Long.BYTES).copyFrom(values);
            Native.check(cf_graph_input(graph, index, data, data.byteSize()));
          });
    }
  }

  private void requireNotRecorded(String operation) {
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

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The torch backend was used after it was closed");
    }
  }

  private static MemorySegment handle(Tensor tensor) {
    return TorchTensor.handle(tensor);
  }

  /** A full mask over at least one position masks nothing. */
  private static MemorySegment mask(Mask mask) {
    MemorySegment valid = handle(mask.valid());
    return mask.full() && mask.valid().shape().dim(1) > 0 ? MemorySegment.NULL : valid;
  }

  private static void requireProbability(String operation, double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(operation + ": probability " + probability);
    }
  }
}
