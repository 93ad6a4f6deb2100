package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.ATTENTION;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Rotary positions and attention. */
interface AttentionContract extends Contract {
  @AtEverySize
  default void sequencesOfEveryLengthAttendToThemselves(int length) {
    selfAttend(2, 6, false, length);
    selfAttend(1, 4, true, length);
  }

  @AtSmallSizes
  default void sequencesAttendToThemselvesWithEveryHeadWidth(int half) {
    int width = 2 * Math.max(1, half);
    selfAttend(3, width, false, 5, 17, 1);
    selfAttend(3, width, true, 5, 17, 1);
  }

  @Test
  default void sequencesOfMixedLengthsAttendToThemselves() {
    selfAttend(2, 16, true, 40, 40, 3, 0, 0, 1, 7);
    selfAttend(4, 32, true, 33, 12, 12);
    selfAttend(1, 64, false, 9);
    selfAttend(2, 8, true);
  }

  @Test
  default void longSequencesAttendToThemselves() {
    selfAttend(2, 16, true, 127, 1, 300, 128);
    selfAttend(1, 24, true, 129, 64);
    selfAttend(2, 64, false, 65, 257);
    selfAttend(1, 80, true, 33, 66);
  }

  @Test
  default void attendsWhereScoresGrowAlongTheSequence() {
    Packing packing = Packing.of(150, 70);
    sameInEveryType(
        "self-attention of growing scores",
        in -> {
          // Powers of two, so that the inputs are the same in every type; the values do not grow.
          float[] factors = new float[220 * 96];
          for (int i = 0; i < factors.length; i++) {
            factors[i] = i % 96 < 64 ? 1 << i / 96 / 40 : 1;
          }
          Tensor x = in.normal(220, 96);
          Tensor growing =
              in.backend().cast(in.backend().tensor(factors, Shape.of(220, 96)), x.dtype());
          Tensor qkv = in.backend().binary(Binary.MULTIPLY, x, growing);
          return in.backend().selfAttention(qkv, packing, 2, 0.002, Optional.empty());
        });
  }

  @AtSmallSizes
  default void attendsWithEveryNumberOfKeys(int size) {
    int keys = Math.max(1, size);
    attend("full", 5, keys, 2, 4, in -> in.backend().mask(new int[] {keys, keys}, keys));
    attend("partial", 5, keys, 2, 4, in -> in.backend().mask(new int[] {1, keys}, keys));
  }

  @AtSmallSizes
  default void attendsWithEveryNumberOfQueries(int queries) {
    attend("full", queries, 6, 2, 4, in -> in.backend().mask(new int[] {6, 6}, 6));
    attend("partial", queries, 6, 2, 4, in -> in.backend().mask(new int[] {6, 3}, 6));
  }

  @AtSmallSizes
  default void attendsWithEveryHeadWidth(int size) {
    int headWidth = Math.max(1, size);
    attend("full", 4, 6, 3, headWidth, in -> in.backend().mask(new int[] {6, 6}, 6));
    attend("partial", 4, 6, 3, headWidth, in -> in.backend().mask(new int[] {5, 6}, 6));
  }

  @Test
  default void attendsToScatteredKeys() {
    attend(
        "scattered",
        9,
        40,
        2,
        8,
        in -> {
          long[] valid = new long[80];
          for (int i = 0; i < valid.length; i++) {
            valid[i] = i % 3 == 0 ? 1 : 0;
          }
          Tensor mask = in.backend().tensor(valid, Shape.of(2, 40));
          return new Mask(in.backend().cast(mask, DType.BOOL), false);
        });
  }

  @Test
  default void attendsOverAnEmptyBatch() {
    compare()
        .same(
            "attention of no batch",
            ATTENTION,
            in ->
                in.backend()
                    .attention(
                        in.normal(0, 3, 8),
                        in.normal(0, 4, 8),
                        in.normal(0, 4, 8),
                        in.backend().mask(new int[0], 4),
                        2,
                        0.5,
                        0));
  }

  @Test
  default void dropsNoAttentionWeightsInInference() {
    compare()
        .same(
            "attention with dropout",
            ATTENTION,
            in ->
                in.backend()
                    .attention(
                        in.normal(2, 3, 8),
                        in.normal(2, 4, 8),
                        in.normal(2, 4, 8),
                        in.backend().mask(new int[] {4, 2}, 4),
                        2,
                        0.5,
                        0.9));
  }

  @Test
  default void memberWithoutKeysGetsNanOrZerosAndLeavesTheOthersAlone() {
    Function<Inputs, Tensor> operation =
        in ->
            in.backend()
                .attention(
                    in.normal(2, 3, 8),
                    in.normal(2, 4, 8),
                    in.normal(2, 4, 8),
                    in.backend().mask(new int[] {0, 3}, 4),
                    2,
                    0.5,
                    0);
    compare()
        .same(
            "second member beside one without keys",
            ATTENTION,
            in -> in.backend().narrow(operation.apply(in), 0, 1, 1));
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      float[] values = operation.apply(new Inputs(backend, 1, DType.FLOAT32)).toFloats();
      for (int i = 0; i < 24; i++) {
        assertTrue(Float.isNaN(values[i]) || values[i] == 0, "element " + i + " is " + values[i]);
      }
    }
  }

  private void attend(
      String kind, int queries, int keys, int heads, int headWidth, Function<Inputs, Mask> mask) {
    long width = (long) heads * headWidth;
    compare()
        .same(
            "attention with a mask " + kind,
            ATTENTION,
            in ->
                in.backend()
                    .attention(
                        in.normal(2, queries, width),
                        in.normal(2, keys, width),
                        in.normal(2, keys, width),
                        mask.apply(in),
                        heads,
                        1 / Math.sqrt(headWidth),
                        0));
  }

  private void selfAttend(int heads, int headWidth, boolean rotated, int... lengths) {
    Packing packing = Packing.of(lengths);
    sameInEveryType(
        "self-attention of " + packing + (rotated ? ", rotated" : ""),
        in -> {
          Tensor qkv = in.normal(packing.rows(), 3L * heads * headWidth);
          Optional<Rotation> rotation =
              rotated
                  ? Optional.of(
                      new Rotation(
                          in.normalFloat32(packing.longest() + 1, headWidth),
                          in.normalFloat32(packing.longest() + 1, headWidth)))
                  : Optional.empty();
          double scale = 0.5 / Math.sqrt(headWidth);
          return in.backend().selfAttention(qkv, packing, heads, scale, rotation);
        });
  }

  private void sameInEveryType(String label, Function<Inputs, Tensor> operation) {
    for (DType dtype : floatingTypes()) {
      Tolerances.Tolerance tolerance =
          dtype == DType.FLOAT32 ? ATTENTION : Tolerances.rounded(dtype);
      compare().same(label + " in " + dtype, dtype, tolerance, operation);
    }
  }
}
