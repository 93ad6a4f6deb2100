package org.codonfuse.compute;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An operation on small inputs.
 *
 * @param prepare draws the inputs and returns the call, so that what the call itself creates can be
 *     told from its inputs
 */
record Operation(String name, Function<Inputs, Supplier<Tensor>> prepare) {
  private static final Segments SEGMENTS =
      new Segments(new int[] {0, 2, 3}, new int[] {0, 1, 1}, new float[] {0.5f, 0.5f, 1});

  /** Every operation that returns a new tensor. */
  static List<Operation> all() {
    return List.of(
        of(
            "cast",
            in -> {
              Tensor x = in.ids(3, 2, 3);
              return () -> in.backend().cast(x, DType.FLOAT32);
            }),
        onOne("reshape", (backend, x) -> backend.reshape(x, Shape.of(6, 2))),
        onOne("transpose", (backend, x) -> backend.transpose(x, 0, 1)),
        onOne("narrow", (backend, x) -> backend.narrow(x, 1, 1, 2)),
        onOne("concat", (backend, x) -> backend.concat(List.of(x, x), 1)),
        onOne("unary", (backend, x) -> backend.unary(Unary.GELU, x)),
        onOne("binary", (backend, x) -> backend.binary(Binary.MULTIPLY, x, x)),
        onOne("affine", (backend, x) -> backend.affine(x, 0.5, 1)),
        onOne("clamp", (backend, x) -> backend.clamp(x, 0, 1)),
        onOne("sum", (backend, x) -> backend.sum(x, 1)),
        onOne("mean", (backend, x) -> backend.mean(x, 1)),
        onOne("softmax", Backend::softmax),
        of(
            "matmul",
            in -> {
              Tensor a = in.normal(2, 3, 4);
              Tensor b = in.normal(2, 4, 5);
              return () -> in.backend().matmul(a, b);
            }),
        of(
            "linear",
            in -> {
              Tensor x = in.normal(2, 3, 4);
              Tensor weight = in.normal(5, 4);
              return () -> in.backend().linear(x, weight);
            }),
        of(
            "linear with bias",
            in -> {
              Tensor x = in.normal(2, 3, 4);
              Tensor weight = in.normal(5, 4);
              Tensor bias = in.normal(5);
              return () -> in.backend().linear(x, weight, bias);
            }),
        of(
            "layerNorm",
            in -> {
              Tensor x = in.normal(2, 3, 16);
              Tensor weight = in.normal(16);
              Tensor bias = in.normal(16);
              return () -> in.backend().layerNorm(x, weight, bias, 1e-5);
            }),
        of(
            "embedding",
            in -> {
              Tensor table = in.normal(5, 4);
              Tensor ids = in.ids(5, 2, 3);
              return () -> in.backend().embedding(table, ids);
            }),
        of(
            "linear of a packed weight with a gate",
            in -> {
              Tensor x = in.normal(6, 4);
              Tensor weight = in.backend().pack(in.normal(5, 4));
              Epilogue gate = new Epilogue.Combination(Binary.MULTIPLY, in.normal(6, 5));
              return () -> in.backend().linear(x, weight, Optional.empty(), gate);
            }),
        of(
            "selfAttention",
            in -> {
              Tensor qkv = in.normal(5, 24);
              Rotation rotation = new Rotation(in.normalFloat32(3, 4), in.normalFloat32(3, 4));
              Packing packing = Packing.of(3, 2);
              return () -> in.backend().selfAttention(qkv, packing, 2, 0.5, Optional.of(rotation));
            }),
        of(
            "attention",
            in -> {
              Tensor q = in.normal(2, 3, 8);
              Tensor k = in.normal(2, 4, 8);
              Tensor v = in.normal(2, 4, 8);
              Mask keys = in.backend().mask(new int[] {4, 2}, 4);
              return () -> in.backend().attention(q, k, v, keys, 2, 0.5, 0);
            }),
        of(
            "conv1d",
            in -> {
              Tensor x = in.normal(2, 5, 3);
              Tensor weight = in.normal(4, 3, 3);
              Tensor bias = in.normal(4);
              return () -> in.backend().conv1d(x, weight, bias, 1, 1);
            }),
        of(
            "convMax",
            in -> {
              Tensor x = in.normal(2, 5, 3);
              Tensor weight = in.normal(4, 3, 3);
              Tensor bias = in.normal(4);
              Mask mask = in.backend().mask(new int[] {5, 2}, 5);
              return () -> in.backend().convMax(x, weight, bias, 1, 1, mask);
            }),
        of(
            "convTranspose1d",
            in -> {
              Tensor x = in.normal(2, 3, 3);
              Tensor weight = in.normal(3, 4, 2);
              return () -> in.backend().convTranspose1d(x, weight, 2, 0);
            }),
        onMasked("maskedFill", (backend, x, mask) -> backend.maskedFill(x, mask, 0.5)),
        onMasked("maskedMean", (backend, x, mask) -> backend.maskedMean(x, mask)),
        onMasked("maskedMax", (backend, x, mask) -> backend.maskedMax(x, mask)),
        of(
            "segmentSum",
            in -> {
              Tensor x = in.normal(3, 4);
              return () -> in.backend().segmentSum(x, SEGMENTS);
            }));
  }

  @Override
  public String toString() {
    return name;
  }

  private static Operation of(String name, Function<Inputs, Supplier<Tensor>> prepare) {
    return new Operation(name, prepare);
  }

  private static Operation onOne(String name, OnOne call) {
    return of(
        name,
        in -> {
          Tensor x = in.normal(3, 4);
          return () -> call.apply(in.backend(), x);
        });
  }

  private static Operation onMasked(String name, OnMasked call) {
    return of(
        name,
        in -> {
          Tensor x = in.normal(2, 3, 4);
          Mask mask = in.backend().mask(new int[] {3, 1}, 3);
          return () -> call.apply(in.backend(), x, mask);
        });
  }

  @FunctionalInterface
  private interface OnOne {
    Tensor apply(Backend backend, Tensor x);
  }

  @FunctionalInterface
  private interface OnMasked {
    Tensor apply(Backend backend, Tensor x, Mask mask);
  }
}
