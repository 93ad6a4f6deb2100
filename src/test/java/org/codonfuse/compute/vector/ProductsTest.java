package org.codonfuse.compute.vector;

import static org.codonfuse.compute.Comparison.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Tolerances;
import org.codonfuse.compute.Tolerances.Tolerance;
import org.codonfuse.compute.Unary;
import org.codonfuse.compute.scalar.ScalarProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of more than one block, group or piece of terms, and rows around tiles. */
class ProductsTest {
  /** The left side begins inside an array, the bias too. */
  private static final int BEFORE = 3;

  private static final ForcedWidth NARROW = new ForcedWidth(128);

  /**
   * [m, k] times [k, n]: around tiles of 5 rows and panels of 8, 16 and 64 columns; around blocks
   * of 100 rows and, from a million values of the right side on, of 190; around pieces of 640
   * terms; more columns than rows and fewer.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 641, 65",
    "2, 640, 64",
    "3, 639, 63",
    "4, 1, 129",
    "5, 7, 1",
    "6, 1281, 7",
    "99, 33, 200",
    "100, 33, 100",
    "101, 650, 70",
    "102, 650, 130",
    "203, 1300, 9",
    "300, 50, 17",
    "17, 50, 1000",
    "104, 641, 450",
  })
  void linearIsThatOfTheScalarBackendWhateverTheThreads(int m, int k, int n) {
    Case linear = new Case(m, k, n, DType.FLOAT32, Optional.empty());
    Tolerance tolerance = Tolerances.sum(k);
    float[] expected = scalar(linear::run);
    float[] actual = vector(1, linear::run);
    assertClose("linear", expected, actual, tolerance);
    assertArrayEquals(actual, vector(2, linear::run), "2 threads");
    assertArrayEquals(actual, vector(5, linear::run), "5 threads");
    try (Backend narrow = NARROW.open(2)) {
      assertArrayEquals(actual, in(narrow, linear::run), "128 bits");
    }
  }

  @Test
  void largeRightSidesHaveLargerBlocks() {
    Case linear = new Case(191, 650, 1700, DType.FLOAT32, Optional.empty());
    float[] actual = vector(5, linear::run);
    assertArrayEquals(actual, vector(1, linear::run));
    // Some rows, as the scalar backend takes its time.
    for (int row : new int[] {0, 4, 5, 94, 95, 189, 190}) {
      Case one = linear.rows(row, 1);
      float[] expected = scalar(one::run);
      assertClose(
          "row " + row,
          expected,
          Arrays.copyOfRange(actual, row * 1700, (row + 1) * 1700),
          Tolerances.sum(650));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatFollowsIsDoneOnceAfterTheLastPiece(boolean gate) {
    Case linear =
        new Case(106, 1300, 140, DType.FLOAT32, Optional.of(gate ? Binary.MULTIPLY : Binary.ADD));
    float[] expected = scalar(linear::run);
    float[] actual = vector(1, linear::run);
    // Sums of about 36 are multiplied by what is about 1.
    assertClose("linear", expected, actual, new Tolerance(1e-3, 1e-4));
    assertArrayEquals(actual, vector(5, linear::run));
  }

  @ParameterizedTest
  @CsvSource({"1, 641, 65", "2, 1300, 127", "3, 700, 200", "106, 641, 70", "12, 650, 500"})
  void halvesArePackedWithoutLoss(int m, int k, int n) {
    Case linear = new Case(m, k, n, DType.BFLOAT16, Optional.empty());
    float[] actual = vector(1, linear::run);
    assertClose("linear", scalar(linear::run), actual, Tolerances.rounded(DType.BFLOAT16));
    assertArrayEquals(actual, vector(5, linear::run));
    try (Backend narrow = NARROW.open(1)) {
      assertArrayEquals(actual, in(narrow, linear::run), "128 bits");
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, false", "FLOAT32, true", "BFLOAT16, false"})
  void aRowIsTheSameWhateverBatchItIsIn(DType dtype, boolean combined) {
    int n = 133;
    Case all = new Case(207, 650, n, dtype, combined ? Optional.of(Binary.ADD) : Optional.empty());
    float[] expected = vector(1, all::run);
    for (int[] range :
        new int[][] {
          {0, 1}, {0, 2}, {1, 2}, {4, 1}, {4, 3}, {5, 5}, {98, 4}, {100, 101}, {7, 200}
        }) {
      Case some = all.rows(range[0], range[1]);
      assertArrayEquals(
          Arrays.copyOfRange(expected, range[0] * n, (range[0] + range[1]) * n),
          vector(2, some::run),
          "rows " + range[0] + " to " + (range[0] + range[1]));
    }
  }

  @Test
  void functionsAfterAProductAreTheSameForEveryRow() {
    for (Unary function : new Unary[] {Unary.GELU, Unary.SILU, Unary.RELU}) {
      Epilogue epilogue = new Epilogue.Function(function);
      float[] weights = normal(9, 40 * 70);
      float[] x = normal(8, 13 * 40);
      Function<Backend, Tensor> all =
          backend -> {
            Tensor weight = backend.pack(backend.tensor(weights, Shape.of(70, 40)));
            Tensor rows = backend.tensor(x, Shape.of(13, 40));
            Tensor whole = backend.linear(rows, weight, Optional.empty(), epilogue);
            Tensor plain = backend.unary(function, backend.linear(rows, weight));
            assertArrayEquals(plain.toFloats(), whole.toFloats());
            for (int row = 0; row < 13; row++) {
              Tensor one = backend.narrow(rows, 0, row, 1);
              assertArrayEquals(
                  backend.narrow(whole, 0, row, 1).toFloats(),
                  backend.linear(one, weight, Optional.empty(), epilogue).toFloats());
            }
            return whole;
          };
      float[] unused = vector(1, all);
      assertArrayEquals(unused, vector(2, all));
    }
  }

  @Test
  void matmulHasBlocksAndPiecesForEveryMember() {
    float[] a = normal(1, 2 * 103 * 650);
    float[] b = normal(2, 2 * 650 * 70);
    Function<Backend, Tensor> matmul =
        backend ->
            backend.matmul(
                backend.tensor(a, Shape.of(2, 103, 650)), backend.tensor(b, Shape.of(2, 650, 70)));
    float[] actual = vector(1, matmul);
    assertClose("matmul", scalar(matmul), actual, Tolerances.sum(650));
    assertArrayEquals(actual, vector(5, matmul));
  }

  /** Windows overlap within a member and not beyond it, also in a block that has two members. */
  @ParameterizedTest
  @CsvSource({"3, 70, 5", "7, 31, 3", "1, 210, 2", "120, 3, 3"})
  void convolutionsHaveBlocksOfSeveralMembers(int batch, int positions, int kernel) {
    float[] x = normal(1, batch * positions * 40);
    float[] weight = normal(2, 35 * 40 * kernel);
    float[] bias = normal(3, 35);
    Function<Backend, Tensor> conv =
        backend ->
            backend.conv1d(
                backend.tensor(x, Shape.of(batch, positions, 40)),
                backend.tensor(weight, Shape.of(35, 40, kernel)),
                backend.tensor(bias, Shape.of(35)),
                kernel / 2,
                (kernel - 1) / 2);
    float[] actual = vector(1, conv);
    assertClose("conv1d", scalar(conv), actual, Tolerances.sum(40 * kernel));
    assertArrayEquals(actual, vector(5, conv));
  }

  /**
   * A linear layer of a packed weight with a bias, of rows {@code first} to {@code first + m} of
   * [rows, k].
   */
  private record Case(
      int rows, int first, int m, int k, int n, DType dtype, Optional<Binary> combination) {
    Case(int m, int k, int n, DType dtype, Optional<Binary> combination) {
      this(m, 0, m, k, n, dtype, combination);
    }

    Case rows(int from, int count) {
      return new Case(rows, from, count, k, n, dtype, combination);
    }

    Tensor run(Backend backend) {
      Tensor x = part(backend, 1, first, m, rows, k);
      Tensor weight = backend.pack(part(backend, 2, 0, n, n, k));
      Tensor bias = backend.reshape(part(backend, 3, 0, n, n, 1), Shape.of(n));
      Epilogue epilogue = Epilogue.NONE;
      if (combination.isPresent()) {
        Tensor other = part(backend, 4, first, m, rows, n);
        epilogue = new Epilogue.Combination(combination.get(), other);
      }
      return backend.linear(x, weight, Optional.of(bias), epilogue);
    }

    /** Some rows of normal values [of, width] that do not begin where their array does. */
    private Tensor part(Backend backend, int seed, int from, int count, int of, int width) {
      float[] values = normal(seed, (of + BEFORE) * width);
      Tensor all = backend.cast(backend.tensor(values, Shape.of(of + BEFORE, width)), dtype);
      return backend.narrow(all, 0, BEFORE + from, count);
    }
  }

  private static float[] normal(int seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] scalar(Function<Backend, Tensor> operation) {
    try (Backend backend = new ScalarProvider().open(Device.CPU, 1)) {
      return in(backend, operation);
    }
  }

  private static float[] vector(int threads, Function<Backend, Tensor> operation) {
    try (Backend backend = new VectorBackend(threads)) {
      return in(backend, operation);
    }
  }

  private static float[] in(Backend backend, Function<Backend, Tensor> operation) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      return operation.apply(backend).toFloats();
    }
  }
}
