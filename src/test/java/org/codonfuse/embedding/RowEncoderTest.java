package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.codonfuse.compute.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowEncoderTest {
  private static byte[] encode(DType type, float... values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new RowEncoder(type)
        .encode(
            values,
            piece -> bytes.writeBytes(piece.toArray(ValueLayout.JAVA_BYTE)),
            index -> {
              throw new AssertionError("overflow at " + index);
            });
    return bytes.toByteArray();
  }

  @Test
  void manyValuesComeInOrder() {
    float[] values = new float[200_003];
    SplittableRandom random = new SplittableRandom(1);
    ByteBuffer expected = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer halves = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * 10);
      expected.putFloat(values[i]);
      halves.putShort(Float.floatToFloat16(values[i]));
    }
    assertArrayEquals(expected.array(), encode(DType.FLOAT32, values));
    assertArrayEquals(halves.array(), encode(DType.FLOAT16, values));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3f80",
    "-2, c000",
    "0, 0",
    "-0.0, 8000",
    "1.00390625, 3f80", // A tie between 3f80 and 3f81 goes to the even one,
    "1.01171875, 3f82", // and so does one between 3f81 and 3f82.
    "1.0039064, 3f81",
    "1e-40, 1",
    "3.38e38, 7f7e",
  })
  void bfloat16IsRoundedToNearestEven(float value, String bits) {
    byte[] bytes = encode(DType.BFLOAT16, value);
    assertEquals(bits, Integer.toHexString((bytes[0] & 0xff) | (bytes[1] & 0xff) << 8));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT16, 65520", "FLOAT16, -1e30", "BFLOAT16, 3.4e38"})
  void theFirstValueThatIsTooLargeIsTold(DType type, float large) {
    float[] values = new float[100_000];
    values[70_000] = large;
    values[70_001] = large;
    List<Integer> told = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    new RowEncoder(type).encode(values, piece -> sizes.add(piece.byteSize()), told::add);
    assertEquals(List.of(70_000), told);
    assertEquals(List.of(2L * (1 << 16)), sizes);
    encode(type, type == DType.FLOAT16 ? 65519 : 3.38e38f);
  }
}
