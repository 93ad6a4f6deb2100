package org.codonfuse.compute.vector;

import static org.codonfuse.compute.Comparison.assertClose;
import static org.codonfuse.compute.Tolerances.EXACT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Tolerances;
import org.codonfuse.compute.Tolerances.Tolerance;
import org.codonfuse.compute.Unary;
import org.codonfuse.compute.scalar.ScalarProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tensors over memory outside of the heap that is large enough to be read in place, at addresses of
 * any alignment.
 */
class MappedTensorTest {
  private static final int BATCH = 6;
  private static final int POSITIONS = 61;
  private static final int ROWS = BATCH * POSITIONS;

  /** Not a multiple of any vector's lanes. */
  private static final int WIDTH = 103;

  private static final Shape CUBE = Shape.of(BATCH, POSITIONS, WIDTH);
  private static final Shape MATRIX = Shape.of(ROWS, WIDTH);

  private static final Map<Integer, ForcedWidth> WIDTHS =
      Map.of(128, new ForcedWidth(128), 256, new ForcedWidth(256), 512, new ForcedWidth(512));

  /** Every width and element type at several offsets from an aligned address. */
  static Stream<Arguments> everyWay() {
    return Stream.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)
        .flatMap(
            dtype ->
                Stream.of(
                    Arguments.of(128, dtype, 0),
                    Arguments.of(128, dtype, 1),
                    Arguments.of(256, dtype, 2),
                    Arguments.of(512, dtype, 0),
                    Arguments.of(512, dtype, 1),
                    Arguments.of(512, dtype, 4)));
  }

  @ParameterizedTest(name = "{1} at {2} with {0} bits")
  @MethodSource("everyWay")
  void everyOperationReadsWhatTheScalarBackendCopies(int bits, DType dtype, int offset) {
    try (Arena arena = Arena.ofShared();
        Backend tested = WIDTHS.get(bits).open(2);
        Backend reference = new ScalarProvider().open(Device.CPU, 1)) {
      Check check = new Check(tested, reference, normal(arena, dtype, offset), dtype);
      movement(check);
      reductions(check);
      layers(check);
    }
  }

  private static void movement(Check check) {
    check.same("toFloats", EXACT, (_, x) -> x);
    check.same("cast", EXACT, (backend, x) -> backend.cast(x, DType.FLOAT32));
    check.same("cast to bfloat16", EXACT, (backend, x) -> backend.cast(x, DType.BFLOAT16));
    check.same(
        "cast there and back",
        EXACT,
        (backend, x) -> backend.cast(backend.cast(x, DType.FLOAT32), x.dtype()));
    check.same("cast to float64", EXACT, (backend, x) -> backend.cast(x, DType.FLOAT64));
    check.same("reshape", EXACT, (backend, x) -> backend.reshape(x, MATRIX));
    check.same("transpose", EXACT, (backend, x) -> backend.transpose(x, 1, 2));
    check.same("narrow first", EXACT, (backend, x) -> backend.narrow(x, 0, 1, 4));
    check.same("narrow middle", EXACT, (backend, x) -> backend.narrow(x, 1, 3, 50));
    check.same("narrow last", EXACT, (backend, x) -> backend.narrow(x, 2, 7, 90));
    check.same(
        "narrow of narrow",
        EXACT,
        (backend, x) ->
            backend.narrow(backend.narrow(backend.reshape(x, MATRIX), 0, 11, 300), 0, 5, 290));
    check.same("concat", EXACT, (backend, x) -> backend.concat(List.of(x, x), 1));
    check.same(
        "concat with an array",
        EXACT,
        (backend, x) -> backend.concat(List.of(backend.affine(x, 1, 0), x), 2));
    check.same(
        "embedding",
        EXACT,
        (backend, x) ->
            backend.embedding(
                backend.reshape(x, MATRIX),
                backend.tensor(new long[] {ROWS - 1, 0, 17, 17, 100}, Shape.of(5))));
    check.same("maskedFill", EXACT, (backend, x) -> backend.maskedFill(x, scattered(backend), 0.5));
  }

  private static void reductions(Check check) {
    check.same("maskedMax", EXACT, (backend, x) -> backend.maskedMax(x, scattered(backend)));
    check.same(
        "maskedMean",
        check.within(Tolerances.sum(POSITIONS)),
        (backend, x) -> backend.maskedMean(x, scattered(backend)));
    Segments segments =
        new Segments(
            new int[] {0, 1, 1, 4, 40},
            IntStream.range(0, 40).map(i -> (i * 29 + 7) % ROWS).toArray(),
            floats(40));
    check.same(
        "segmentSum",
        check.within(Tolerances.sum(40)),
        (backend, x) -> backend.segmentSum(backend.reshape(x, MATRIX), segments));
    check.same(
        "segmentSum of a cast view",
        Tolerances.sum(40),
        (backend, x) ->
            backend.segmentSum(
                backend.cast(
                    backend.reshape(backend.narrow(x, 0, 1, 5), Shape.of(5L * POSITIONS, WIDTH)),
                    DType.FLOAT32),
                new Segments(new int[] {0, 3, 4}, new int[] {0, 304, 9, 1}, floats(4))));
    check.same("sum", check.within(Tolerances.sum(POSITIONS)), (backend, x) -> backend.sum(x, 1));
  }

  private static void layers(Check check) {
    check.same(
        "unary",
        check.within(Tolerances.of(Unary.TANH)),
        (backend, x) -> backend.unary(Unary.TANH, x));
    check.same(
        "linear",
        check.within(Tolerances.sum(WIDTH)),
        (backend, x) -> backend.linear(like(backend, x, 5), backend.reshape(x, MATRIX)));
    check.same(
        "linear of a packed weight",
        check.within(Tolerances.sum(WIDTH)),
        (backend, x) ->
            backend.linear(
                like(backend, x, 5), backend.pack(backend.reshape(x, MATRIX)), biasOf(backend, x)));
    check.same(
        "linear of one row",
        check.within(Tolerances.sum(WIDTH)),
        (backend, x) ->
            backend.linear(like(backend, x, 1), backend.pack(backend.reshape(x, MATRIX))));
    check.same(
        "linear of a packed view",
        check.within(Tolerances.sum(WIDTH)),
        (backend, x) ->
            backend.linear(
                like(backend, x, 4),
                backend.pack(backend.narrow(backend.reshape(x, MATRIX), 0, 7, 350))));
    check.same(
        "linear of a mapped left side",
        check.within(Tolerances.sum(WIDTH)),
        (backend, x) -> backend.linear(x, like(backend, x, 9)));
  }

  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "FLOAT16"})
  void everyBitPatternIsWidenedExactly(DType dtype) {
    float[] expected = new float[1 << 16];
    for (int bits = 0; bits < expected.length; bits++) {
      expected[bits] =
          dtype == DType.BFLOAT16
              ? Bfloat16.toFloat((short) bits)
              : Float.float16ToFloat((short) bits);
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(2L << 16);
      for (int bits = 0; bits < expected.length; bits++) {
        memory.setAtIndex(ValueLayout.JAVA_SHORT, bits, (short) bits);
      }
      for (ForcedWidth width : WIDTHS.values()) {
        try (Backend backend = width.open(1);
            Scope _ = backend.openScope(Mode.INFERENCE)) {
          for (int columns : new int[] {1, 16, 1 << 16}) {
            Shape shape = Shape.of((1 << 16) / columns, columns);
            widensExactly(backend, backend.tensor(memory, dtype, shape), expected);
          }
        }
      }
    }
  }

  private static void widensExactly(Backend backend, Tensor x, float[] expected) {
    int rows = x.shape().intDim(0);
    int columns = x.shape().intDim(1);
    assertSameNumbers("toFloats", expected, x.toFloats());
    Tensor wide = backend.cast(x, DType.FLOAT32);
    assertSameNumbers("cast", expected, wide.toFloats());
    Tensor ids = backend.tensor(IntStream.range(0, rows).asLongStream().toArray(), Shape.of(rows));
    assertSameNumbers("embedding", expected, backend.embedding(x, ids).toFloats());
    float[] weights = new float[rows];
    Arrays.fill(weights, 1);
    int[] all = IntStream.range(0, rows).toArray();
    Segments segments = new Segments(IntStream.rangeClosed(0, rows).toArray(), all, weights);
    assertSameNumbers("segmentSum", expected, backend.segmentSum(wide, segments).toFloats());
    Tensor cube = backend.reshape(wide, Shape.of(rows, 1, columns));
    int[] lengths = new int[rows];
    Arrays.fill(lengths, 1);
    Mask mask = backend.mask(lengths, 1);
    assertSameNumbers("maskedMax", expected, backend.maskedMax(cube, mask).toFloats());
    float[] sums = expected.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += 0; // −0 is added to 0.
    }
    assertSameNumbers("maskedMean", sums, backend.maskedMean(cube, mask).toFloats());
  }

  /** The same bits, but for those within NaN. */
  private static void assertSameNumbers(String name, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
        assertEquals(expected[i], actual[i], name + " of pattern " + Integer.toHexString(i));
      }
    }
  }

  @Test
  void viewsAreReadInPlace() {
    try (Arena arena = Arena.ofShared();
        VectorBackend backend = new VectorBackend(2);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor x = backend.tensor(normal(arena, DType.BFLOAT16, 1), DType.BFLOAT16, CUBE);
      Tensor matrix = backend.reshape(x, MATRIX);
      for (Tensor each :
          List.of(
              x, matrix, backend.narrow(matrix, 0, 2, 9), backend.cast(matrix, DType.FLOAT32))) {
        assertInstanceOf(Storage.Mapped.class, VectorTensor.of(each).storage());
      }
      Tensor small = backend.tensor(arena.allocate(4096), DType.FLOAT32, Shape.of(1024));
      assertInstanceOf(Storage.Values.class, VectorTensor.of(small).storage());
    }
  }

  /** Any thread may read a tensor, but only one the memory of a confined arena. */
  @Test
  void memoryOfOneThreadIsCopied() {
    try (Arena arena = Arena.ofConfined();
        VectorBackend backend = new VectorBackend(2);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      MemorySegment memory = normal(arena, DType.FLOAT32, 0);
      Tensor x = backend.tensor(memory, DType.FLOAT32, CUBE);
      float[] expected = memory.toArray(ValueLayout.JAVA_FLOAT);
      assertArrayEquals(expected, CompletableFuture.supplyAsync(x::toFloats).join());
    }
  }

  /** Runs operations on a tensor over the same memory on both backends. */
  private record Check(Backend tested, Backend reference, MemorySegment memory, DType dtype) {
    void same(String name, Tolerance tolerance, BiFunction<Backend, Tensor, Tensor> operation) {
      float[] expected = run(reference, operation);
      assertClose(name, expected, run(tested, operation), tolerance);
    }

    /** A tolerance in float32, or that of the element type. */
    Tolerance within(Tolerance float32) {
      return dtype == DType.FLOAT32 ? float32 : Tolerances.rounded(dtype);
    }

    private float[] run(Backend backend, BiFunction<Backend, Tensor, Tensor> operation) {
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        return operation.apply(backend, backend.tensor(memory, dtype, CUBE)).toFloats();
      }
    }
  }

  private static MemorySegment normal(Arena arena, DType dtype, int offset) {
    Random random = new Random(3);
    int n = CUBE.intSize();
    long bytes = CUBE.size() * dtype.bytes();
    MemorySegment memory = arena.allocate(bytes + 64, 64).asSlice(offset, bytes);
    for (int i = 0; i < n; i++) {
      float value = (float) random.nextGaussian();
      switch (dtype) {
        case FLOAT32 -> memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, value);
        case BFLOAT16 -> memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Bfloat16.of(value));
        case FLOAT16 ->
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(value));
        default -> throw new AssertionError(dtype);
      }
    }
    return memory;
  }

  private static float[] floats(int n) {
    Random random = new Random(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Normal values [rows, WIDTH] of the element type of another tensor. */
  private static Tensor like(Backend backend, Tensor x, int rows) {
    return backend.cast(backend.tensor(floats(rows * WIDTH), Shape.of(rows, WIDTH)), x.dtype());
  }

  private static Tensor biasOf(Backend backend, Tensor x) {
    return backend.cast(backend.tensor(floats(ROWS), Shape.of(ROWS)), x.dtype());
  }

  private static Mask scattered(Backend backend) {
    long[] valid = new Random(9).longs((long) BATCH * POSITIONS, 0, 2).toArray();
    return new Mask(
        backend.cast(backend.tensor(valid, Shape.of(BATCH, POSITIONS)), DType.BOOL), false);
  }
}
