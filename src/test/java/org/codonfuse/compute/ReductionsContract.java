package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.EXACT;
import static org.codonfuse.compute.Tolerances.FUNCTIONS;
import static org.codonfuse.compute.Tolerances.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Sums, means, maxima, softmax, masks and segments. */
interface ReductionsContract extends Contract {
  @AtEverySize
  default void sumsAndMeans(int size) {
    for (int axis : new int[] {0, 1, -1}) {
      compare()
          .same(
              "sum of axis " + axis,
              sum(size),
              in -> in.backend().sum(in.normal(2, size, 3), axis));
      compare()
          .same(
              "mean of axis " + axis,
              sum(size),
              in -> in.backend().mean(in.normal(2, size, 3), axis));
    }
    compare().same("sum of a vector", sum(size), in -> in.backend().sum(in.normal(size), 0));
    compare().same("mean of a vector", sum(size), in -> in.backend().mean(in.normal(size), 0));
    compare().same("sum of rows", sum(size), in -> in.backend().sum(in.normal(3, size), -1));
  }

  @AtEverySize
  default void softmaxOfRows(int size) {
    compare().same("softmax", FUNCTIONS, in -> in.backend().softmax(in.normal(2, 3, size)));
    compare()
        .same(
            "softmax of large values",
            FUNCTIONS,
            in -> in.backend().softmax(in.backend().affine(in.normal(3, size), 1000, 0)));
    compare().same("softmax of a vector", FUNCTIONS, in -> in.backend().softmax(in.normal(size)));
  }

  @Test
  default void masksSayWhichPositionsAreValid() {
    compare().same("mask", EXACT, in -> in.backend().mask(new int[] {3, 0, 4, 1}, 4).valid());
    compare().same("mask of nothing", EXACT, in -> in.backend().mask(new int[0], 4).valid());
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      assertEquals(true, backend.mask(new int[] {4, 4}, 4).full());
      assertEquals(false, backend.mask(new int[] {4, 3}, 4).full());
      assertThrows(IllegalArgumentException.class, () -> backend.mask(new int[] {5}, 4));
    }
  }

  @AtEverySize
  default void poolsFullMasks(int positions) {
    pool(
        "full",
        sum(positions),
        in -> in.backend().mask(filled(3, positions), positions),
        positions);
  }

  @AtEverySize
  default void poolsPartialMasks(int positions) {
    int[] lengths = {positions, positions / 2, Math.max(0, positions - 1)};
    pool("partial", sum(positions), in -> in.backend().mask(lengths, positions), positions);
  }

  @AtEverySize
  default void poolsMasksWithAnEmptyMember(int positions) {
    int[] lengths = {0, positions, 0};
    pool("empty member", sum(positions), in -> in.backend().mask(lengths, positions), positions);
  }

  @AtEverySize
  default void poolsScatteredMasks(int positions) {
    pool("scattered", sum(positions), in -> in.scattered(3, positions), positions);
  }

  @AtEverySize
  default void poolsEveryWidth(int width) {
    BiFunction<Inputs, Integer, Mask> mask = (in, positions) -> in.scattered(2, positions);
    compare()
        .same(
            "maskedMean of a width",
            sum(6),
            in -> in.backend().maskedMean(in.normal(2, 6, width), mask.apply(in, 6)));
    compare()
        .same(
            "maskedMax of a width",
            EXACT,
            in -> in.backend().maskedMax(in.normal(2, 6, width), mask.apply(in, 6)));
    compare()
        .same(
            "maskedFill of a width",
            EXACT,
            in -> in.backend().maskedFill(in.normal(2, 6, width), mask.apply(in, 6), -2));
  }

  @Test
  default void fillsWhateverFollowsThePositions() {
    compare()
        .same(
            "maskedFill of [batch, position]",
            EXACT,
            in ->
                in.backend()
                    .maskedFill(in.normal(3, 5), in.scattered(3, 5), Double.NEGATIVE_INFINITY));
    compare()
        .same(
            "maskedFill of 4 axes",
            EXACT,
            in -> in.backend().maskedFill(in.normal(3, 5, 2, 4), in.scattered(3, 5), 7));
    compare()
        .same(
            "maskedFill of no batch",
            EXACT,
            in -> in.backend().maskedFill(in.normal(0, 5, 2), in.scattered(0, 5), 7));
  }

  @AtEverySize
  default void sumsSegments(int width) {
    Segments segments =
        new Segments(
            new int[] {0, 2, 2, 5, 6},
            new int[] {0, 1, 4, 4, 2, 3},
            new float[] {0.5f, 0.5f, 0.25f, -1, 2, 1});
    compare()
        .same("segmentSum", sum(3), in -> in.backend().segmentSum(in.normal(5, width), segments));
  }

  @Test
  default void sumsLongAndEmptySegments() {
    int[] rows = new int[1025];
    float[] weights = new float[1025];
    Arrays.setAll(rows, i -> i * 7 % 1025);
    Arrays.fill(weights, 1);
    Segments one = new Segments(new int[] {0, 1025}, rows, weights);
    compare()
        .same(
            "segmentSum of many",
            sum(1025),
            in -> in.backend().segmentSum(in.normal(1025, 4), one));
    Segments none = new Segments(new int[] {0}, new int[0], new float[0]);
    compare()
        .same("segmentSum of none", EXACT, in -> in.backend().segmentSum(in.normal(3, 4), none));
    Segments empty = new Segments(new int[] {0, 0, 0}, new int[0], new float[0]);
    compare()
        .same("segmentSum of empty", EXACT, in -> in.backend().segmentSum(in.normal(0, 4), empty));
  }

  private void pool(
      String kind,
      Tolerances.Tolerance tolerance,
      java.util.function.Function<Inputs, Mask> mask,
      int positions) {
    compare()
        .same(
            "maskedMean " + kind,
            tolerance,
            in -> in.backend().maskedMean(in.normal(3, positions, 5), mask.apply(in)));
    compare()
        .same(
            "maskedMax " + kind,
            EXACT,
            in -> in.backend().maskedMax(in.normal(3, positions, 5), mask.apply(in)));
    compare()
        .same(
            "maskedFill " + kind,
            EXACT,
            in -> in.backend().maskedFill(in.normal(3, positions, 5), mask.apply(in), 0));
  }

  private static int[] filled(int count, int value) {
    int[] values = new int[count];
    Arrays.fill(values, value);
    return values;
  }
}
