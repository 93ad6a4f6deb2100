package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.ShapeRules;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/** The operations of the torch backend that compute tensors of others. */
abstract class TorchOperations extends TorchCalls {
  /** Rows of a batch of sequences, for which weights are laid out. */
  private static final long TYPICAL_ROWS = 2048;

  TorchOperations(Device device) {
    super(device);
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
      return super.linears(x, weights, biases);
    }
    List<Shape> shapes = ShapeRules.linears(x, weights, biases);
    requireScope();
    Scope scope = scopes.current();
    int mode = Native.code(scope.mode(), scope.products());
    Tape tape = tape().orElse(null);
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
  public Tensor freeze(Tensor weight) {
    requireNotRecorded("freeze");
    return call(
        "freeze",
        ShapeRules.pack("freeze", weight),
        weight.dtype(),
        (_, _, out) -> cf_freeze_weight(handle(weight), TYPICAL_ROWS, out));
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
