package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.EXACT;
import static org.codonfuse.compute.Tolerances.FUNCTIONS;
import static org.codonfuse.compute.Tolerances.FUSED;
import static org.codonfuse.compute.Tolerances.NORMALISED;
import static org.codonfuse.compute.Tolerances.sum;

import org.codonfuse.compute.Tolerances.Tolerance;
import org.junit.jupiter.api.Test;

/** NaN, infinities and signed zeros, at every position of a vector; and the short float types. */
interface SpecialValuesContract extends Contract {
  @AtEverySize
  default void elementsKeepNanAndInfinities(int size) {
    for (Unary function : Unary.values()) {
      compare()
          .same(
              function + " of special values",
              Tolerances.of(function),
              in -> in.backend().unary(function, specialFor(function, in, size)));
    }
    for (Binary function : Binary.values()) {
      compare()
          .same(
              function + " of special values",
              EXACT,
              in -> in.backend().binary(function, in.special(3, size), in.special(size)));
    }
    compare()
        .same(
            "affine of special values", FUSED, in -> in.backend().affine(in.special(size), -2, 1));
    compare()
        .same(
            "clamp of special values", EXACT, in -> in.backend().clamp(in.special(size), -1, 0.5));
  }

  @AtEverySize
  default void reductionsKeepNanAndInfinities(int size) {
    compare()
        .same("sum of special values", sum(size), in -> in.backend().sum(rare(in, 9, size), -1));
    compare().same("mean of special values", sum(9), in -> in.backend().mean(rare(in, 9, size), 0));
    compare()
        .same(
            "softmax of special values", FUNCTIONS, in -> in.backend().softmax(rare(in, 9, size)));
    compare()
        .same(
            "maskedMax of special values",
            EXACT,
            in -> in.backend().maskedMax(in.special(2, 5, size), in.scattered(2, 5)));
    compare()
        .same(
            "maskedMean of special values",
            sum(5),
            in -> in.backend().maskedMean(in.special(2, 5, size), in.scattered(2, 5)));
    compare()
        .same(
            "maskedFill of special values",
            EXACT,
            in -> in.backend().maskedFill(in.special(2, 5, size), in.scattered(2, 5), 0));
  }

  @AtEverySize
  default void productsKeepNanAndInfinities(int size) {
    compare()
        .same(
            "matmul of special values",
            sum(size),
            in -> in.backend().matmul(rare(in, 9, size), in.normal(size, 5)));
    compare()
        .same(
            "linear of special values",
            sum(size),
            in -> in.backend().linear(rare(in, 9, size), in.normal(5, size), in.normal(5)));
    compare()
        .same(
            "layerNorm of special values",
            NORMALISED,
            in ->
                in.backend().layerNorm(rare(in, 9, size), in.normal(size), in.normal(size), 1e-5));
    compare()
        .same(
            "conv1d of special values",
            sum(size),
            in ->
                in.backend()
                    .conv1d(rare(in, 1, 9, size), in.normal(3, size, 1), in.normal(3), 0, 0));
    compare()
        .same(
            "embedding of special values",
            EXACT,
            in -> in.backend().embedding(in.special(7, size), in.ids(7, 9)));
  }

  @Test
  default void attentionKeepsNan() {
    compare()
        .same(
            "attention of a query with NaN",
            Tolerances.ATTENTION,
            in -> {
              float[] query = new float[24];
              query[9] = Float.NaN;
              return in.backend()
                  .attention(
                      in.values(query, 1, 3, 8),
                      in.normal(1, 4, 8),
                      in.normal(1, 4, 8),
                      in.backend().mask(new int[] {3}, 4),
                      2,
                      0.5,
                      0);
            });
  }

  @Test
  default void shortFloatTypesRoundTheFloat32Result() {
    for (DType dtype : floatingTypes()) {
      Tolerance tolerance = Tolerances.rounded(dtype);
      for (Operation operation : Operation.all()) {
        compare()
            .same(
                operation.name() + " of " + dtype,
                dtype,
                tolerance,
                in -> operation.prepare().apply(in).get());
      }
    }
  }

  /** Special values without the one that {@link Backend#unary} makes no promise about. */
  private static Tensor specialFor(Unary function, Inputs in, int size) {
    Tensor x = in.special(size);
    return function == Unary.GELU ? in.backend().clamp(x, Double.NEGATIVE_INFINITY, 100) : x;
  }

  /** Normal values with NaN in one row, an infinity in another and both infinities in a third. */
  private static Tensor rare(Inputs in, long... sizes) {
    Shape shape = Shape.of(sizes);
    int width = shape.intDim(-1);
    if (width == 0) {
      return in.normal(sizes);
    }
    float[] change = new float[shape.intSize()];
    change[width / 2] = Float.NaN;
    change[2 * width] = Float.POSITIVE_INFINITY;
    change[4 * width + width - 1] = Float.NEGATIVE_INFINITY;
    change[6 * width] = Float.POSITIVE_INFINITY;
    change[7 * width - 1] += Float.NEGATIVE_INFINITY;
    return in.backend().binary(Binary.ADD, in.normal(sizes), in.values(change, sizes));
  }
}
