package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.EXACT;
import static org.codonfuse.compute.Tolerances.FUSED;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** Element-wise operations. */
interface ElementsContract extends Contract {
  @AtEverySize
  default void functionsOfOne(int size) {
    for (Unary function : Unary.values()) {
      compare()
          .same(
              function.name(),
              Tolerances.of(function),
              in ->
                  in.backend()
                      .unary(
                          function, function == Unary.LOG ? in.positive(size) : in.normal(size)));
    }
  }

  @Test
  default void functionsFarFromZero() {
    float[] values = new float[401];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 200) / 10f;
    }
    for (Unary function : Unary.values()) {
      compare()
          .same(
              function + " from -20 to 20",
              Tolerances.of(function),
              in -> in.backend().unary(function, in.values(values, values.length)));
    }
  }

  @AtEverySize
  default void functionsOfTwo(int size) {
    for (Binary function : Binary.values()) {
      compare()
          .same(
              function.name(),
              EXACT,
              in -> in.backend().binary(function, in.normal(3, size), in.normal(3, size)));
      compare()
          .same(
              function + " of rows",
              EXACT,
              in -> in.backend().binary(function, in.normal(3, size), in.normal(size)));
      compare()
          .same(
              function + " of columns",
              EXACT,
              in -> in.backend().binary(function, in.normal(3, 1), in.normal(3, size)));
    }
  }

  @Test
  default void broadcasts() {
    long[][][] pairs = {
      {{}, {}},
      {{}, {5}},
      {{5}, {}},
      {{3, 1}, {1, 4}},
      {{2, 3, 4}, {4}},
      {{2, 3, 4}, {3, 1}},
      {{2, 1, 4}, {3, 1}},
      {{3, 1}, {2, 1, 4}},
      {{1, 1, 1}, {2, 3, 4}},
      {{0, 3}, {1, 3}},
      {{1}, {0}},
      {{2, 3, 1, 5}, {3, 4, 1}},
    };
    for (Binary function : Binary.values()) {
      for (long[][] pair : pairs) {
        compare()
            .same(
                function + " broadcast",
                EXACT,
                in -> in.backend().binary(function, in.normal(pair[0]), in.normal(pair[1])));
      }
    }
  }

  @AtEverySize
  default void affineAndClamp(int size) {
    compare().same("affine", FUSED, in -> in.backend().affine(in.normal(size), 0.88, -1.5));
    compare().same("scaled", FUSED, in -> in.backend().affine(in.normal(size), -0.125, 0));
    compare().same("clamp", EXACT, in -> in.backend().clamp(in.normal(size), -0.5, 1));
  }

  @Test
  default void dropoutDoesNothingInInference() {
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor x = backend.full(1, Shape.of(100));
      assertSame(x, backend.dropout(x, 0.5));
    }
  }
}
