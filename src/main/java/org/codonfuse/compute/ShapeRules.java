package org.codonfuse.compute;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The shape of every operation's result, or an {@link IllegalArgumentException} that shows the
 * shapes that do not fit. Every backend asks here before it computes: native code that reads out of
 * bounds would end the process.
 */
public final class ShapeRules {
  private ShapeRules() {}

  /** Fails unless the tensor has this element type. */
  public static void dtype(String operation, Tensor x, DType expected) {
    require(x.dtype() == expected, operation, () -> "needs " + expected + ", got " + x);
  }

  /** Fails unless the tensor holds floating point numbers. */
  public static void floating(String operation, Tensor x) {
    require(x.dtype().isFloating(), operation, () -> "needs floating point numbers, got " + x);
  }

  /** Fails unless the tensors have one floating point element type. */
  public static void sameFloating(String operation, Tensor first, Tensor... others) {
    floating(operation, first);
    for (Tensor other : others) {
      require(
          other.dtype() == first.dtype(),
          operation,
          () -> "mixes element types " + first + ", " + other);
    }
  }

  /** {@link Backend#tensor}: the number of values given fills the shape. */
  public static void filled(long values, Shape shape) {
    require(values == shape.size(), "tensor", () -> values + " values do not fill shape " + shape);
  }

  /** {@link Backend#reshape}. */
  public static Shape reshape(Shape x, Shape shape) {
    require(x.size() == shape.size(), "reshape", () -> x + " to " + shape + " changes the size");
    return shape;
  }

  /** {@link Backend#transpose}. */
  public static Shape transpose(Shape x, int axis, int other) {
    return x.with(axis, x.dim(other)).with(other, x.dim(axis));
  }

  /** {@link Backend#narrow}. */
  public static Shape narrow(Shape x, int axis, long start, long length) {
    require(
        start >= 0 && length >= 0 && start <= x.dim(axis) - length,
        "narrow",
        () -> "[" + start + ", " + start + " + " + length + ") of axis " + axis + " of " + x);
    return x.with(axis, length);
  }

  /** {@link Backend#concat}. */
  public static Shape concat(List<Tensor> tensors, int axis) {
    require(!tensors.isEmpty(), "concat", () -> "needs at least one tensor");
    Tensor first = tensors.getFirst();
    int normal = first.shape().axis(axis);
    long size = 0;
    for (Tensor tensor : tensors) {
      require(
          tensor.dtype() == first.dtype()
              && tensor.shape().rank() == first.shape().rank()
              && tensor.shape().with(normal, 0).equals(first.shape().with(normal, 0)),
          "concat",
          () -> first + " and " + tensor + " along axis " + axis);
      size += tensor.shape().dim(normal);
    }
    return first.shape().with(normal, size);
  }

  /** {@link Backend#binary}: NumPy's broadcasting. */
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] sizes = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long left = i <= a.rank() ? a.dim(-i) : 1;
      long right = i <= b.rank() ? b.dim(-i) : 1;
      require(left == right || left == 1 || right == 1, "broadcast", () -> a + " with " + b);
      sizes[rank - i] = left == 1 ? right : left;
    }
    return Shape.of(sizes);
  }

  /** {@link Backend#sum} and {@link Backend#mean}: the shape without one axis. */
  public static Shape without(Shape x, int axis) {
    int normal = x.axis(axis);
    long[] sizes = new long[x.rank() - 1];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = x.dim(i < normal ? i : i + 1);
    }
    return Shape.of(sizes);
  }

  /** {@link Backend#softmax}: at least one axis. */
  public static Shape softmax(Shape x) {
    require(x.rank() >= 1, "softmax", () -> "of a scalar");
    return x;
  }

  /** {@link Backend#matmul}. */
  public static Shape matmul(Shape a, Shape b) {
    boolean fits = a.rank() >= 2 && a.rank() == b.rank() && a.dim(-1) == b.dim(-2);
    for (int i = 0; fits && i < a.rank() - 2; i++) {
      fits = a.dim(i) == b.dim(i);
    }
    require(fits, "matmul", () -> a + " with " + b);
    return a.with(-1, b.dim(-1));
  }

  /** {@link Backend#linear(Tensor, Tensor, Optional, Epilogue)}. */
  public static Shape linear(Tensor x, Tensor weight, Optional<Tensor> bias, Epilogue epilogue) {
    sameFloating("linear", x, weight);
    Shape in = x.shape();
    require(
        in.rank() >= 1 && weight.shape().rank() == 2 && in.dim(-1) == weight.shape().dim(1),
        "linear",
        () -> "input " + in + " with weight " + weight.shape());
    Shape result = in.with(-1, weight.shape().dim(0));
    if (bias.isPresent()) {
      sameFloating("linear", x, bias.get());
      vector("linear", "bias", bias.get().shape(), result.dim(-1));
    }
    if (epilogue instanceof Epilogue.Combination(Binary _, Tensor other)) {
      sameFloating("linear", x, other);
      same("linear", result, other.shape());
    }
    return result;
  }

  /** {@link Backend#linears}. */
  public static List<Shape> linears(Tensor x, List<Tensor> weights, List<Tensor> biases) {
    require(
        !weights.isEmpty() && weights.size() == biases.size(),
        "linears",
        () -> weights.size() + " weights and " + biases.size() + " biases");
    return IntStream.range(0, weights.size())
        .mapToObj(i -> linear(x, weights.get(i), Optional.of(biases.get(i)), Epilogue.NONE))
        .toList();
  }

  /** {@link Backend#pack} and {@link TrainableBackend#freeze}. */
  public static Shape pack(String operation, Tensor weight) {
    floating(operation, weight);
    require(weight.shape().rank() == 2, operation, () -> weight + " is not [out, in]");
    return weight.shape();
  }

  /** {@link Backend#layerNorm}. */
  public static Shape layerNorm(Tensor x, Tensor weight, Tensor bias) {
    floating("layerNorm", x);
    sameFloating("layerNorm", weight, bias);
    require(
        weight.dtype() == x.dtype() || weight.dtype() == DType.FLOAT32,
        "layerNorm",
        () -> "mixes element types " + x + ", " + weight);
    require(x.shape().rank() >= 1, "layerNorm", () -> "of a scalar");
    vector("layerNorm", "weight", weight.shape(), x.shape().dim(-1));
    vector("layerNorm", "bias", bias.shape(), x.shape().dim(-1));
    return x.shape();
  }

  /** {@link Backend#embedding}. */
  public static Shape embedding(Shape table, Shape ids) {
    require(table.rank() == 2, "embedding", () -> "table " + table + " is not [rows, width]");
    long[] sizes = Arrays.copyOf(ids.toArray(), ids.rank() + 1);
    sizes[ids.rank()] = table.dim(1);
    return Shape.of(sizes);
  }

  /** {@link Backend#selfAttention}. */
  public static Shape selfAttention(
      Tensor qkv, Packing packing, int heads, Optional<Rotation> rotation) {
    floating("selfAttention", qkv);
    Shape shape = qkv.shape();
    require(
        shape.rank() == 2 && heads > 0 && shape.dim(1) % (3L * heads) == 0,
        "selfAttention",
        () -> shape + " does not split into queries, keys and values of " + heads + " heads");
    require(
        packing.rows() == shape.dim(0),
        "selfAttention",
        () -> packing.rows() + " rows of sequences in " + shape);
    long headWidth = shape.dim(1) / 3 / heads;
    if (rotation.isPresent()) {
      Tensor cos = rotation.get().cos();
      Tensor sin = rotation.get().sin();
      dtype("selfAttention", cos, DType.FLOAT32);
      dtype("selfAttention", sin, DType.FLOAT32);
      require(
          headWidth % 2 == 0
              && cos.shape().rank() == 2
              && cos.shape().equals(sin.shape())
              && cos.shape().dim(0) >= packing.longest()
              && cos.shape().dim(1) == headWidth,
          "selfAttention",
          () ->
              "a rotation by cos %s and sin %s of %d positions with heads of width %d"
                  .formatted(cos.shape(), sin.shape(), packing.longest(), headWidth));
    }
    return shape.with(1, headWidth * heads);
  }

  /** {@link Backend#attention}. */
  public static Shape attention(Shape q, Shape k, Shape v, Mask keys, int heads) {
    require(
        q.rank() == 3
            && k.rank() == 3
            && k.equals(v)
            && q.dim(0) == k.dim(0)
            && q.dim(2) == k.dim(2)
            && heads > 0
            && q.dim(2) % heads == 0,
        "attention",
        () -> "q " + q + ", k " + k + ", v " + v + " with " + heads + " heads");
    mask("attention", k, keys);
    return q;
  }

  /** {@link Backend#conv1d}. */
  public static Shape conv1d(Shape x, Shape weight, Shape bias, int left, int right) {
    require(
        x.rank() == 3 && weight.rank() == 3 && x.dim(2) == weight.dim(1) && weight.dim(2) > 0,
        "conv1d",
        () -> "input " + x + " with weight " + weight);
    vector("conv1d", "bias", bias, weight.dim(0));
    long positions = x.dim(1) + left + right - weight.dim(2) + 1;
    require(
        left >= 0 && right >= 0 && positions >= 0,
        "conv1d",
        () -> "input " + x + " padded by " + left + " and " + right + " with weight " + weight);
    return Shape.of(x.dim(0), positions, weight.dim(0));
  }

  /** {@link Backend#convTranspose1d}. */
  public static Shape convTranspose1d(Shape x, Shape weight, int stride, int padding) {
    require(
        x.rank() == 3 && weight.rank() == 3 && x.dim(2) == weight.dim(0) && weight.dim(2) > 0,
        "convTranspose1d",
        () -> "input " + x + " with weight " + weight);
    long positions = (x.dim(1) - 1) * stride + weight.dim(2) - 2L * padding;
    require(
        stride > 0 && padding >= 0 && x.dim(1) > 0 && positions > 0,
        "convTranspose1d",
        () -> "input " + x + ", stride " + stride + ", padding " + padding + ", weight " + weight);
    return Shape.of(x.dim(0), positions, weight.dim(1));
  }

  /** {@link Backend#maskedFill}: a mask over the first two axes. */
  public static Shape masked(String operation, Shape x, Mask mask) {
    require(x.rank() >= 2, operation, () -> x + " has no [batch, position] axes");
    mask(operation, x, mask);
    return x;
  }

  /** {@link Backend#maskedMean} and {@link Backend#maskedMax}. */
  public static Shape pooled(String operation, Shape x, Mask mask) {
    require(x.rank() == 3, operation, () -> x + " is not [batch, position, width]");
    mask(operation, x, mask);
    return Shape.of(x.dim(0), x.dim(2));
  }

  /** {@link Backend#read}. */
  public static void read(Tensor x, DType dtype) {
    floating("read", x);
    require(
        dtype == DType.FLOAT32 || dtype == DType.BFLOAT16 || dtype == DType.FLOAT16,
        "read",
        () -> "cannot convert to " + dtype);
  }

  /** {@link Backend#segmentSum}. */
  public static Shape segmentSum(Shape x, Segments segments) {
    require(x.rank() == 2, "segmentSum", () -> x + " is not [rows, width]");
    for (int row : segments.rows()) {
      if (row < 0 || row >= x.dim(0)) {
        throw new IndexOutOfBoundsException("segmentSum: row " + row + " of " + x);
      }
    }
    return Shape.of(segments.count(), x.dim(1));
  }

  /** {@link TrainableBackend#meanSquaredError}: equal shapes. */
  public static void same(String operation, Shape a, Shape b) {
    require(a.equals(b), operation, () -> a + " and " + b + " differ");
  }

  /** {@link TrainableBackend#crossEntropy}. */
  public static void crossEntropy(Shape logits, Tensor target) {
    dtype("crossEntropy", target, DType.INT64);
    require(
        logits.rank() == 2 && target.shape().equals(Shape.of(logits.dim(0))),
        "crossEntropy",
        () -> "logits " + logits + " with target " + target);
  }

  private static void mask(String operation, Shape x, Mask mask) {
    dtype(operation, mask.valid(), DType.BOOL);
    Shape expected = Shape.of(x.dim(0), x.dim(1));
    require(
        mask.valid().shape().equals(expected),
        operation,
        () -> "mask " + mask.valid().shape() + " is not " + expected);
  }

  private static void vector(String operation, String name, Shape actual, long size) {
    require(
        actual.rank() == 1 && actual.dim(0) == size,
        operation,
        () -> name + " " + actual + " is not [" + size + "]");
  }

  /** The message is made where it is needed: these checks stand before every operation. */
  private static void require(boolean condition, String operation, Supplier<String> message) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + message.get());
    }
  }
}
