package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Wrong shapes, element types and indices end before anything runs, and show what was wrong. */
interface RejectionContract extends Contract {
  @Test
  default void wrongSizesOfProductsShowBothShapes() {
    refused(in -> in.backend().matmul(in.normal(2, 3), in.normal(4, 5)), "[2, 3]", "[4, 5]");
    refused(
        in -> in.backend().matmul(in.normal(2, 3, 4), in.normal(3, 4, 5)),
        "[2, 3, 4]",
        "[3, 4, 5]");
    refused(in -> in.backend().matmul(in.normal(3), in.normal(3)), "[3]");
    refused(in -> in.backend().linear(in.normal(2, 3), in.normal(5, 4)), "[2, 3]", "[5, 4]");
    refused(
        in ->
            in.backend()
                .linears(in.normal(2, 3), List.of(in.normal(5, 4)), List.of(in.normal(5)))
                .getFirst(),
        "[2, 3]",
        "[5, 4]");
    refused(
        in -> in.backend().linears(in.normal(2, 3), List.of(), List.of()).getFirst(), "0 weights");
    refused(
        in -> in.backend().linear(in.normal(2, 3), in.normal(5, 3), in.normal(4)), "[4]", "[5]");
    refused(
        in -> in.backend().layerNorm(in.normal(2, 3), in.normal(4), in.normal(3), 1e-5),
        "weight",
        "[4]",
        "[3]");
    refused(
        in -> in.backend().layerNorm(in.normal(2, 3), in.normal(3), in.normal(3, 1), 1e-5),
        "bias",
        "[3, 1]",
        "[3]");
    refused(in -> in.backend().embedding(in.normal(3), in.ids(3, 2)), "[3]");
  }

  @Test
  default void wrongSizesOfConvolutionsShowThem() {
    refused(
        in -> in.backend().conv1d(in.normal(2, 5, 3), in.normal(4, 2, 3), in.normal(4), 1, 1),
        "[2, 5, 3]",
        "[4, 2, 3]");
    refused(
        in -> in.backend().conv1d(in.normal(2, 5, 3), in.normal(4, 3, 3), in.normal(3), 1, 1),
        "[3]",
        "[4]");
    refused(
        in -> in.backend().conv1d(in.normal(2, 5, 3), in.normal(4, 3, 9), in.normal(4), 1, 1),
        "[2, 5, 3]",
        "[4, 3, 9]");
    refused(
        in -> in.backend().conv1d(in.normal(2, 5, 3), in.normal(4, 3, 3), in.normal(4), -1, 1),
        "-1");
    refused(
        in -> in.backend().convTranspose1d(in.normal(2, 5, 3), in.normal(4, 3, 2), 2, 0),
        "[2, 5, 3]",
        "[4, 3, 2]");
    refused(
        in -> in.backend().convTranspose1d(in.normal(2, 1, 3), in.normal(3, 4, 3), 2, 2),
        "[2, 1, 3]",
        "padding 2");
  }

  @Test
  default void wrongSizesOfAttentionShowThem() {
    refused(in -> selfAttention(in, 5, 4, 2), "[5, 24]", "5 heads");
    refused(in -> selfAttention(in, 2, 4, 3), "3 rows", "[5, 24]");
    refused(in -> selfAttention(in, 2, 6, 5), "[5, 6]", "width 4");
    refused(in -> attention(in, in.normal(2, 3, 8), 4, 4, 3), "[2, 3, 8]", "3 heads");
    refused(in -> attention(in, in.normal(1, 3, 8), 4, 4, 2), "[1, 3, 8]", "[2, 4, 8]");
    refused(in -> attention(in, in.normal(2, 3, 8), 4, 5, 2), "[2, 5]", "[2, 4]");
  }

  @Test
  default void wrongMasksShowTheirShape() {
    refused(in -> in.backend().maskedMean(in.normal(2, 3, 4), mask(in, 4)), "[2, 4]", "[2, 3]");
    refused(in -> in.backend().maskedMax(in.normal(2, 3, 4), mask(in, 2)), "[2, 2]", "[2, 3]");
    refused(in -> in.backend().maskedFill(in.normal(2, 3), mask(in, 4), 0), "[2, 4]", "[2, 3]");
    refused(in -> in.backend().maskedMean(in.normal(2, 3), mask(in, 3)), "[2, 3]");
    refused(
        in -> in.backend().maskedMean(in.normal(2, 3, 4), new Mask(in.normal(2, 3), true)),
        "BOOL",
        "FLOAT32[2, 3]");
  }

  @Test
  default void wrongSizesOfMovedBlocksShowThem() {
    refused(in -> in.backend().tensor(new float[5], Shape.of(2, 3)), "5", "[2, 3]");
    refused(in -> in.backend().tensor(new long[7], Shape.of(2, 3)), "7", "[2, 3]");
    refused(
        in -> in.backend().tensor(Arena.ofAuto().allocate(8), DType.FLOAT32, Shape.of(3)), "[3]");
    refused(in -> in.backend().reshape(in.normal(2, 3), Shape.of(4)), "[2, 3]", "[4]");
    refused(in -> in.backend().narrow(in.normal(2, 3), 1, 2, 2), "[2, 3]", "axis 1");
    refused(in -> in.backend().narrow(in.normal(2, 3), 1, -1, 2), "[2, 3]", "-1");
    refused(in -> in.backend().narrow(in.normal(2, 3), 0, Long.MAX_VALUE, 2), "[2, 3]", "axis 0");
    refused(
        in -> in.backend().concat(List.of(in.normal(2, 3), in.normal(2, 4)), 0),
        "[2, 3]",
        "[2, 4]");
    refused(in -> in.backend().concat(List.of(), 0), "concat");
    refused(in -> in.backend().binary(Binary.ADD, in.normal(2, 3), in.normal(2)), "[2, 3]", "[2]");
    refused(in -> in.backend().softmax(in.normal()), "scalar");
  }

  @Test
  default void wrongElementTypesAreNamed() {
    refused(in -> in.backend().unary(Unary.RELU, in.ids(3, 2)), "INT64[2]");
    refused(in -> in.backend().sum(in.ids(3, 2), 0), "INT64[2]");
    refused(in -> in.backend().embedding(in.normal(3, 2), in.normal(2)), "INT64", "FLOAT32[2]");
    refused(
        in ->
            in.backend()
                .binary(Binary.ADD, in.normal(2), in.backend().cast(in.normal(2), DType.BFLOAT16)),
        "FLOAT32[2]",
        "BFLOAT16[2]");
    refused(
        in ->
            in.backend().linear(in.normal(2, 3), in.backend().cast(in.normal(5, 3), DType.FLOAT16)),
        "FLOAT32[2, 3]",
        "FLOAT16[5, 3]");
    refused(in -> in.backend().concat(List.of(in.normal(2), in.ids(3, 2)), 0), "INT64[2]");
  }

  @Test
  default void indicesOutOfRangeAreNamed() {
    for (long id : new long[] {-1, 3, Long.MAX_VALUE}) {
      outOfRange(
          in ->
              in.backend()
                  .embedding(in.normal(3, 2), in.backend().tensor(new long[] {0, id}, Shape.of(2))),
          Long.toString(id));
    }
    Segments segments = new Segments(new int[] {0, 1}, new int[] {3}, new float[] {1});
    outOfRange(in -> in.backend().segmentSum(in.normal(3, 2), segments), "3", "[3, 2]");
    outOfRange(in -> in.backend().transpose(in.normal(3, 2), 0, 2), "2", "[3, 2]");
    outOfRange(in -> in.backend().sum(in.normal(3, 2), -3), "-3", "[3, 2]");
    outOfRange(in -> in.backend().mean(in.normal(), 0), "0", "[]");
  }

  @Test
  default void itemNeedsOneElement() {
    refused(
        in -> {
          in.normal(2, 3).item();
          return in.normal(1);
        },
        "[2, 3]");
  }

  private static Tensor selfAttention(Inputs in, int heads, int rotated, int rows) {
    Tensor angles = in.normalFloat32(5, rotated);
    return in.backend()
        .selfAttention(
            in.normal(5, 24),
            Packing.of(rows),
            heads,
            1,
            Optional.of(new Rotation(angles, angles)));
  }

  private static Tensor attention(Inputs in, Tensor q, int keys, int maskLength, int heads) {
    Tensor k = in.normal(2, keys, 8);
    return in.backend().attention(q, k, k, mask(in, maskLength), heads, 1, 0);
  }

  private static Mask mask(Inputs in, int length) {
    return in.backend().mask(new int[] {length, length}, length);
  }

  private void refused(Function<Inputs, Tensor> operation, String... parts) {
    fails(IllegalArgumentException.class, operation, parts);
  }

  private void outOfRange(Function<Inputs, Tensor> operation, String... parts) {
    fails(IndexOutOfBoundsException.class, operation, parts);
  }

  private void fails(
      Class<? extends RuntimeException> type, Function<Inputs, Tensor> operation, String... parts) {
    Backend backend = compare().tested();
    try (Scope scope = backend.openScope(Mode.INFERENCE)) {
      Inputs inputs = new Inputs(backend, 1, DType.FLOAT32);
      RuntimeException e = assertThrows(type, () -> operation.apply(inputs));
      for (String part : parts) {
        assertTrue(e.getMessage().contains(part), "'" + part + "' in: " + e.getMessage());
      }
      int owned = scope.size();
      assertEquals(1, backend.full(1, Shape.of()).item(), "still works afterwards");
      assertEquals(owned + 1, scope.size());
    }
  }
}
