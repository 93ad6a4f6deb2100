package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementBytesTest {
  private static byte[] encode(DType type, float... values) {
    return ElementBytes.of(values, type).toArray(ValueLayout.JAVA_BYTE);
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
    "3.4e38, 7f80",
  })
  void bfloat16IsRoundedToNearestEven(float value, String bits) {
    byte[] bytes = encode(DType.BFLOAT16, value);
    assertEquals(bits, Integer.toHexString((bytes[0] & 0xff) | (bytes[1] & 0xff) << 8));
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void whatIsReadIsWhatNumbersAreRoundedTo(DType type) {
    float[] values = {1, -2.0001f, 1e-9f, 65519, -65520, 3.4e38f, Float.NEGATIVE_INFINITY};
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = ElementBytes.round(values[i], type);
    }
    // Of memory as it comes, aligned or not.
    MemorySegment bytes = MemorySegment.ofArray(encode(type, values));
    assertArrayEquals(rounded, ElementBytes.toFloats(bytes, type));
  }

  @Test
  void otherTypesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> encode(DType.INT64, 1));
    assertThrows(IllegalArgumentException.class, () -> ElementBytes.round(1, DType.BOOL));
  }
}
