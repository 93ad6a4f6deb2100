package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.EXACT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Creation, conversion and operations that only move values. */
interface MovementContract extends Contract {
  @Test
  default void createdTensorsHoldCopies() {
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      float[] floats = {1, 2, 3};
      long[] longs = {4, -5, Long.MAX_VALUE};
      Tensor x = backend.tensor(floats, Shape.of(3));
      Tensor ids = backend.tensor(longs, Shape.of(3, 1));
      floats[0] = 9;
      longs[0] = 9;
      x.toFloats()[1] = 9;
      assertArrayEquals(new float[] {1, 2, 3}, x.toFloats());
      assertArrayEquals(new long[] {4, -5, Long.MAX_VALUE}, ids.toLongs());
      assertEquals(7.5f, backend.full(7.5, Shape.of()).item());
      assertArrayEquals(new float[] {-1, -1}, backend.full(-1, Shape.of(1, 2)).toFloats());
    }
  }

  @Test
  default void tensorsOfHostMemoryStayWhenThatIsClosed() {
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Shape shape = Shape.of(2, 1 << 20);
      for (int round = 1; round <= 3; round++) {
        Tensor x;
        try (HostTensor host = backend.hostTensor(shape)) {
          float[] row = new float[1 << 20];
          Arrays.fill(row, round);
          host.write(1 << 20, row, 0, row.length);
          host.write(0, row, 5, 7);
          host.clear(7, (1 << 20) - 7);
          x = backend.tensor(host);
        }
        // May get the memory that was given back.
        try (HostTensor next = backend.hostTensor(shape)) {
          next.clear(0, shape.size());
        }
        float[] expected = new float[2 << 20];
        Arrays.fill(expected, 0, 7, round);
        Arrays.fill(expected, 1 << 20, 2 << 20, round);
        assertEquals(shape, x.shape());
        assertArrayEquals(expected, x.toFloats());
      }
    }
  }

  @Test
  default void hostMemoryHasItsBounds() {
    Backend backend = compare().tested();
    float[] values = {1, 2, 3, 4};
    try (HostTensor host = backend.hostTensor(Shape.of(3));
        HostTensor none = backend.hostTensor(Shape.of(2, 0));
        HostTensor heap = HostTensor.onHeap(Shape.of(3));
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      assertThrows(IndexOutOfBoundsException.class, () -> host.write(0, values, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> host.write(1, values, 2, 3));
      assertThrows(IndexOutOfBoundsException.class, () -> host.write(-1, values, 0, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> host.clear(2, 2));
      assertEquals(Shape.of(2, 0), backend.tensor(none).shape());
      heap.write(0, values, 1, 3);
      assertArrayEquals(new float[] {2, 3, 4}, backend.tensor(heap).toFloats());
    }
  }

  @Test
  default void readsGoOnWhileOtherThingsAreComputed() {
    Backend backend = compare().tested();
    List<HostRead> reads = new ArrayList<>();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      // What is read is released at once, and its memory wanted by what follows.
      for (int i = 0; i < 20; i++) {
        try (Scope _ = backend.openScope(Mode.INFERENCE)) {
          Tensor x = backend.affine(backend.full(1, Shape.of(300, 400)), i, 0.5);
          reads.add(
              backend.read(
                  backend.transpose(x, 0, 1), i % 2 == 0 ? DType.FLOAT32 : DType.BFLOAT16));
          backend.full(7, Shape.of(300, 400));
        }
      }
    }
    for (int i = 0; i < reads.size(); i++) {
      try (HostRead read = reads.get(i)) {
        float[] expected = new float[300 * 400];
        Arrays.fill(expected, i + 0.5f);
        assertArrayEquals(expected, read.await());
        assertEquals(i + 0.5f, read.largest());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  default void readsRoundToNearestEven(DType dtype) {
    float[] values = new float[5003];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < values.length; i++) {
      // Ties, numbers that get subnormal in float16, and zeros of both signs.
      values[i] = (random.nextInt(1 << 13) - (1 << 12)) / (float) (1 << (i % 40));
    }
    values[1] = -0.0f;
    byte[] expected = ElementBytes.of(values, dtype).toArray(ValueLayout.JAVA_BYTE);
    Backend backend = compare().tested();
    HostRead read;
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      read = backend.read(backend.tensor(values, Shape.of(values.length)), dtype);
    }
    try (read) {
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(expected, read.bytes().toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(ElementBytes.toFloats(read.bytes(), dtype), read.await());
      }
      assertTrue(read.bytes().isReadOnly() && read.isFinite() && read.fits());
      assertEquals(dtype, read.dtype());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "65519, FLOAT16, true, true",
    "-65520, FLOAT16, true, false",
    "-65520, BFLOAT16, true, true",
    "3.4e38, BFLOAT16, true, false",
    "3.4e38, FLOAT32, true, true",
    "NaN, FLOAT32, false, false",
    "NaN, FLOAT16, false, false",
    "-Infinity, FLOAT32, false, false",
    "Infinity, BFLOAT16, false, false",
  })
  default void readsTellWhetherAllIsFiniteBeforeAndAfter(
      float large, DType dtype, boolean finite, boolean fits) {
    Backend backend = compare().tested();
    for (int at : new int[] {0, 1, 30_000, 99_999}) {
      float[] values = new float[100_000];
      for (int i = 0; i < values.length; i++) {
        values[i] = 1 + i % 64;
      }
      values[at] = large;
      HostRead read;
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        read = backend.read(backend.tensor(values, Shape.of(100, 1000)), dtype);
      }
      try (read) {
        assertEquals(Math.abs(large), read.largest());
        assertEquals(finite, read.isFinite());
        assertEquals(fits, read.fits());
        if (fits) {
          assertEquals(ElementBytes.round(large, dtype), read.await()[at]);
        } else {
          assertArrayEquals(values, read.source());
        }
      }
    }
  }

  @Test
  default void readsOfNothingAndOfClosedOnes() {
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor none = backend.tensor(new float[0], Shape.of(0, 3));
      try (HostRead read = backend.read(none, DType.FLOAT16)) {
        assertEquals(0, read.bytes().byteSize());
        assertEquals(0, read.largest());
        assertEquals(0, read.await().length);
      }
      HostRead closed = backend.read(backend.full(2, Shape.of(3)), DType.FLOAT32);
      closed.close();
      closed.close();
      assertThrows(IllegalStateException.class, closed::bytes);
      assertThrows(IllegalStateException.class, closed::await);
      assertThrows(IllegalStateException.class, closed::largest);
      assertThrows(IllegalStateException.class, closed::source);
      Tensor ids = backend.tensor(new long[] {1}, Shape.of(1));
      assertThrows(IllegalArgumentException.class, () -> backend.read(ids, DType.FLOAT32));
      Tensor x = backend.full(1, Shape.of(1));
      assertThrows(IllegalArgumentException.class, () -> backend.read(x, DType.INT64));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  default void readsMemoryAlignedAndNot(DType dtype) {
    compare()
        .same(
            "memory of " + dtype,
            EXACT,
            in -> {
              try (Arena arena = Arena.ofConfined()) {
                Tensor aligned = in.backend().tensor(memory(arena, dtype, 0), dtype, Shape.of(3));
                Tensor unaligned =
                    in.backend().tensor(memory(arena, dtype, 1), dtype, Shape.of(1, 3));
                assertArrayEquals(aligned.toFloats(), unaligned.toFloats());
                // Copied while the memory is there.
                return in.backend()
                    .concat(List.of(aligned, in.backend().reshape(unaligned, Shape.of(3))), 0);
              }
            });
  }

  @Test
  default void readsEmptyMemory() {
    compare()
        .same(
            "empty memory",
            EXACT,
            in -> in.backend().tensor(MemorySegment.NULL, DType.FLOAT32, Shape.of(0, 4)));
  }

  @Test
  default void casts() {
    float[] values = {
      0,
      -0f,
      1,
      -2.5f,
      0.1f,
      65504,
      65520,
      1e30f,
      1e-7f,
      1 + 0x1p-8f,
      1 + 3 * 0x1p-8f,
      3e-41f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      1 + 0x1p-11f,
      1 + 3 * 0x1p-11f
    };
    for (DType dtype : List.of(DType.FLOAT64, DType.BFLOAT16, DType.FLOAT16, DType.BOOL)) {
      compare()
          .same(
              "cast to " + dtype,
              EXACT,
              in -> in.backend().cast(in.values(values, values.length), dtype));
      compare()
          .same(
              "cast to FLOAT32 from " + dtype,
              EXACT,
              in ->
                  in.backend()
                      .cast(
                          in.backend().cast(in.values(values, values.length), dtype),
                          DType.FLOAT32));
    }
    float[] integers = {0, -0.9f, 1.9f, -1.9f, 16777216};
    compare()
        .same("cast to INT64", EXACT, in -> in.backend().cast(in.values(integers, 5), DType.INT64));
    compare()
        .same("cast from INT64", EXACT, in -> in.backend().cast(in.ids(9, 4, 5), DType.FLOAT32));
  }

  @Test
  default void castToItsOwnTypeIsTheSameTensor() {
    Backend backend = compare().tested();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor x = backend.full(1, Shape.of(2));
      assertSame(x, backend.cast(x, DType.FLOAT32));
    }
  }

  @AtEverySize
  default void movesBlocks(int size) {
    compare()
        .same(
            "reshape", EXACT, in -> in.backend().reshape(in.normal(2, 3, size), Shape.of(size, 6)));
    compare().same("transpose of 2", EXACT, in -> in.backend().transpose(in.normal(3, size), 0, 1));
    compare()
        .same("transpose of 3", EXACT, in -> in.backend().transpose(in.normal(2, size, 3), -1, 1));
    compare()
        .same(
            "narrow inside",
            EXACT,
            in -> in.backend().narrow(in.normal(3, size + 2, 2), 1, 1, size));
    compare()
        .same(
            "narrow of the last",
            EXACT,
            in -> in.backend().narrow(in.normal(3, size), -1, 0, size));
    compare()
        .same(
            "concat of the last axis",
            EXACT,
            in -> in.backend().concat(List.of(in.normal(3, size), in.normal(3, 2)), -1));
    compare()
        .same(
            "concat of the first axis",
            EXACT,
            in -> in.backend().concat(List.of(in.normal(1, size), in.normal(2, size)), 0));
  }

  @Test
  default void movesAxesApart() {
    compare()
        .same("transpose of 4", EXACT, in -> in.backend().transpose(in.normal(2, 3, 4, 5), 0, 2));
    compare()
        .same("transpose with itself", EXACT, in -> in.backend().transpose(in.normal(2, 3), 1, -1));
    compare()
        .same(
            "transpose read again",
            EXACT,
            in ->
                in.backend()
                    .reshape(in.backend().transpose(in.normal(3, 4), 0, 1), Shape.of(2, 6)));
    compare()
        .same(
            "narrow read again",
            EXACT,
            in -> in.backend().reshape(in.backend().narrow(in.normal(3, 4), 1, 1, 2), Shape.of(6)));
    compare()
        .same(
            "concat of narrow and transpose",
            EXACT,
            in -> {
              Tensor x = in.normal(4, 4);
              Tensor part = in.backend().narrow(x, 1, 2, 2);
              Tensor turned = in.backend().transpose(x, 0, 1);
              return in.backend().concat(List.of(part, turned), 1);
            });
  }

  @Test
  default void movesIntegersAndBooleans() {
    compare()
        .same(
            "concat of ids",
            EXACT,
            in -> in.backend().concat(List.of(in.ids(9, 2, 3), in.ids(9, 1, 3)), 0));
    compare().same("transpose of ids", EXACT, in -> in.backend().transpose(in.ids(9, 2, 3), 0, 1));
    compare()
        .same(
            "narrow of a mask",
            EXACT,
            in -> in.backend().narrow(in.scattered(3, 8).valid(), 1, 2, 5));
  }

  private static MemorySegment memory(Arena arena, DType dtype, int offset) {
    MemorySegment segment =
        arena.allocate(3L * dtype.bytes() + offset, 64).asSlice(offset, 3L * dtype.bytes());
    for (int i = 0; i < 3; i++) {
      switch (dtype) {
        case FLOAT32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, i - 1.5f);
        case FLOAT64 -> segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i, i - 1.5);
        case BFLOAT16 -> {
          int bits = Float.floatToRawIntBits(i - 1.5f) >>> 16;
          segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) bits);
        }
        case FLOAT16 ->
            segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(i - 1.5f));
        case INT64 -> segment.set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i, i - 1L);
        case BOOL -> segment.set(ValueLayout.JAVA_BYTE, i, (byte) (i % 2));
      }
    }
    return segment;
  }
}
