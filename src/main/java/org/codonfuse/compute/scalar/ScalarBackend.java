package org.codonfuse.compute.scalar;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Scopes;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.ShapeRules;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/**
 * Inference in plain Java, each operation written as its equation and none optimised: what the
 * other backends are tested against. Operations run on the thread that calls them. Computes with
 * float32, bfloat16 and float16; int64, bool and float64 can be held, moved and cast.
 *
 * <p>The methods here check and wrap; the arithmetic is in {@link Movement}, {@link Elements},
 * {@link Reductions}, {@link Layers}, {@link Attention} and {@link Convolutions}.
 */
final class ScalarBackend implements Backend {
  static final String NAME = "scalar";
  private static final String ENGINE = "plain Java, cpu";
  static final String DESCRIPTION = ENGINE + ", 1 thread";

  private final Scopes scopes = new Scopes();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Device device() {
    return Device.CPU;
  }

  @Override
  public String engine() {
    return ENGINE;
  }

  @Override
  public String description() {
    return DESCRIPTION;
  }

  @Override
  public Scope openScope(Mode mode, Precision products) {
    if (mode.differentiable()) {
      throw new UnsupportedOperationException(
          "The scalar backend cannot compute gradients (scope " + mode + "); use --backend torch");
    }
    if (products != Precision.FLOAT32) {
      throw new UnsupportedOperationException(
          "The scalar backend has no products of "
              + products.label()
              + " with float32 tensors; use --backend torch");
    }
    return scopes.open(mode);
  }

  @Override
  public Scope newOwner() {
    return scopes.newOwner();
  }

  @Override
  public Tensor tensor(float[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    return own(shape, DType.FLOAT32, values.clone());
  }

  @Override
  public Tensor tensor(long[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    return own(shape, DType.INT64, values.clone());
  }

  @Override
  public Tensor tensor(MemorySegment values, DType dtype, Shape shape) {
    if (values.byteSize() != shape.size() * dtype.bytes()) {
      throw new IllegalArgumentException(
          "tensor: " + values.byteSize() + " bytes do not fill " + dtype + shape);
    }
    return own(shape, dtype, Movement.read(values, dtype, shape.intSize()));
  }

  @Override
  public Tensor full(double value, Shape shape) {
    float[] values = new float[shape.intSize()];
    Arrays.fill(values, (float) value);
    return own(shape, DType.FLOAT32, values);
  }

  @Override
  public Tensor cast(Tensor x, DType dtype) {
    ScalarTensor from = ScalarTensor.of(x);
    return x.dtype() == dtype ? x : own(x.shape(), dtype, Elements.cast(from, dtype));
  }

  @Override
  public Tensor reshape(Tensor x, Shape shape) {
    return own(ShapeRules.reshape(x.shape(), shape), x.dtype(), ScalarTensor.of(x).array());
  }

  @Override
  public Tensor transpose(Tensor x, int axis, int other) {
    Shape result = ShapeRules.transpose(x.shape(), axis, other);
    return own(result, x.dtype(), Movement.transpose(ScalarTensor.of(x), axis, other));
  }

  @Override
  public Tensor narrow(Tensor x, int axis, long start, long length) {
    Shape result = ShapeRules.narrow(x.shape(), axis, start, length);
    Object values = Movement.narrow(ScalarTensor.of(x), axis, (int) start, (int) length);
    return own(result, x.dtype(), values);
  }

  @Override
  public Tensor concat(List<Tensor> tensors, int axis) {
    Shape result = ShapeRules.concat(tensors, axis);
    return own(result, tensors.getFirst().dtype(), Movement.concat(tensors, axis, result));
  }

  @Override
  public Tensor unary(Unary function, Tensor x) {
    ShapeRules.floating(function.name(), x);
    return rounded(x.shape(), x.dtype(), Elements.unary(function, ScalarTensor.of(x)));
  }

  @Override
  public Tensor binary(Binary function, Tensor a, Tensor b) {
    ShapeRules.sameFloating(function.name(), a, b);
    Shape result = ShapeRules.broadcast(a.shape(), b.shape());
    float[] values = Elements.binary(function, ScalarTensor.of(a), ScalarTensor.of(b), result);
    return rounded(result, a.dtype(), values);
  }

  @Override
  public Tensor affine(Tensor x, double scale, double shift) {
    ShapeRules.floating("affine", x);
    float[] values = Elements.map(ScalarTensor.of(x), value -> value * scale + shift);
    return rounded(x.shape(), x.dtype(), values);
  }

  @Override
  public Tensor clamp(Tensor x, double low, double high) {
    ShapeRules.floating("clamp", x);
    float[] values =
        Elements.map(ScalarTensor.of(x), value -> Math.min(Math.max(value, low), high));
    return rounded(x.shape(), x.dtype(), values);
  }

  @Override
  public Tensor sum(Tensor x, int axis) {
    ShapeRules.floating("sum", x);
    Shape result = ShapeRules.without(x.shape(), axis);
    return rounded(result, x.dtype(), Reductions.sum(ScalarTensor.of(x), axis));
  }

  @Override
  public Tensor mean(Tensor x, int axis) {
    ShapeRules.floating("mean", x);
    Shape result = ShapeRules.without(x.shape(), axis);
    return rounded(result, x.dtype(), Reductions.mean(ScalarTensor.of(x), axis));
  }

  @Override
  public Tensor softmax(Tensor x) {
    ShapeRules.floating("softmax", x);
    Shape result = ShapeRules.softmax(x.shape());
    return rounded(result, x.dtype(), Reductions.softmax(ScalarTensor.of(x)));
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    ShapeRules.sameFloating("matmul", a, b);
    Shape result = ShapeRules.matmul(a.shape(), b.shape());
    return rounded(
        result, a.dtype(), Layers.matmul(ScalarTensor.of(a), ScalarTensor.of(b), result));
  }

  @Override
  public Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias, Epilogue epilogue) {
    Shape result = ShapeRules.linear(x, weight, bias, epilogue);
    float[] shift =
        bias.map(b -> ScalarTensor.of(b).floats()).orElseGet(() -> new float[result.intDim(-1)]);
    float[] product = Layers.linear(ScalarTensor.of(x), ScalarTensor.of(weight), shift);
    if (epilogue instanceof Epilogue.Nothing) {
      return rounded(result, x.dtype(), product);
    }
    try (Scope scope = openScope(Mode.INFERENCE)) {
      Tensor before = rounded(result, x.dtype(), product);
      return scope.keep(
          switch (epilogue) {
            case Epilogue.Nothing() -> before;
            case Epilogue.Function(Unary function) -> unary(function, before);
            case Epilogue.Combination(Binary function, Tensor other) ->
                binary(function, before, other);
          });
    }
  }

  @Override
  public Tensor pack(Tensor weight) {
    return reshape(weight, ShapeRules.pack("pack", weight));
  }

  @Override
  public Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    Shape result = ShapeRules.layerNorm(x, weight, bias);
    float[] values =
        Layers.layerNorm(
            ScalarTensor.of(x), ScalarTensor.of(weight), ScalarTensor.of(bias), epsilon);
    return rounded(result, x.dtype(), values);
  }

  @Override
  public Tensor embedding(Tensor table, Tensor ids) {
    ShapeRules.floating("embedding", table);
    ShapeRules.dtype("embedding", ids, DType.INT64);
    Shape result = ShapeRules.embedding(table.shape(), ids.shape());
    float[] values = Layers.embedding(ScalarTensor.of(table), ScalarTensor.of(ids));
    return rounded(result, table.dtype(), values);
  }

  @Override
  public Tensor selfAttention(
      Tensor qkv, Packing packing, int heads, double scale, Optional<Rotation> rotation) {
    Shape result = ShapeRules.selfAttention(qkv, packing, heads, rotation);
    float[] values = Attention.selfAttention(ScalarTensor.of(qkv), packing, heads, scale, rotation);
    return rounded(result, qkv.dtype(), values);
  }

  @Override
  public Tensor attention(
      Tensor q, Tensor k, Tensor v, Mask keys, int heads, double scale, double dropout) {
    ShapeRules.sameFloating("attention", q, k, v);
    Shape result = ShapeRules.attention(q.shape(), k.shape(), v.shape(), keys, heads);
    float[] values =
        Attention.attention(
            ScalarTensor.of(q), ScalarTensor.of(k), ScalarTensor.of(v), valid(keys), heads, scale);
    return rounded(result, q.dtype(), values);
  }

  @Override
  public Tensor conv1d(Tensor x, Tensor weight, Tensor bias, int left, int right) {
    ShapeRules.sameFloating("conv1d", x, weight, bias);
    Shape result = ShapeRules.conv1d(x.shape(), weight.shape(), bias.shape(), left, right);
    float[] values =
        Convolutions.conv1d(
            ScalarTensor.of(x), ScalarTensor.of(weight), ScalarTensor.of(bias), left, result);
    return rounded(result, x.dtype(), values);
  }

  @Override
  public Tensor convTranspose1d(Tensor x, Tensor weight, int stride, int padding) {
    ShapeRules.sameFloating("convTranspose1d", x, weight);
    Shape result = ShapeRules.convTranspose1d(x.shape(), weight.shape(), stride, padding);
    float[] values =
        Convolutions.convTranspose1d(
            ScalarTensor.of(x), ScalarTensor.of(weight), stride, padding, result);
    return rounded(result, x.dtype(), values);
  }

  @Override
  public Tensor maskedFill(Tensor x, Mask mask, double value) {
    ShapeRules.floating("maskedFill", x);
    Shape result = ShapeRules.masked("maskedFill", x.shape(), mask);
    float[] values = Reductions.maskedFill(ScalarTensor.of(x), valid(mask), value);
    return rounded(result, x.dtype(), values);
  }

  @Override
  public Tensor maskedMean(Tensor x, Mask mask) {
    ShapeRules.floating("maskedMean", x);
    Shape result = ShapeRules.pooled("maskedMean", x.shape(), mask);
    return rounded(result, x.dtype(), Reductions.maskedMean(ScalarTensor.of(x), valid(mask)));
  }

  @Override
  public Tensor maskedMax(Tensor x, Mask mask) {
    ShapeRules.floating("maskedMax", x);
    Shape result = ShapeRules.pooled("maskedMax", x.shape(), mask);
    return rounded(result, x.dtype(), Reductions.maskedMax(ScalarTensor.of(x), valid(mask)));
  }

  @Override
  public Tensor segmentSum(Tensor x, Segments segments) {
    ShapeRules.floating("segmentSum", x);
    Shape result = ShapeRules.segmentSum(x.shape(), segments);
    return rounded(result, x.dtype(), Reductions.segmentSum(ScalarTensor.of(x), segments));
  }

  @Override
  public Tensor dropout(Tensor x, double probability) {
    ShapeRules.floating("dropout", x);
    return x;
  }

  @Override
  public void close() {}

  private static boolean[] valid(Mask mask) {
    return ScalarTensor.of(mask.valid()).booleans();
  }

  private Tensor rounded(Shape shape, DType dtype, float[] values) {
    return own(shape, dtype, Rounding.round(dtype, values));
  }

  private Tensor own(Shape shape, DType dtype, Object array) {
    return scopes.own(new ScalarTensor(shape, dtype, array));
  }
}
