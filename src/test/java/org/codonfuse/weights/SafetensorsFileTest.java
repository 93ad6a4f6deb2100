package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  private SafetensorsFile open(String header, String hexData) {
    byte[] content =
        SafetensorsBytes.file(
            header.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
            HexFormat.of().parseHex(hexData));
    return SafetensorsFile.open(SafetensorsBytes.write(folder.resolve("m.safetensors"), content));
  }

  /** One tensor behind one byte, so that its elements are unaligned. */
  private SafetensorsFile unaligned(String type, int elements, String hexData) {
    return open(
        "{'pad':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
            + "'t':{'dtype':'%s','shape':[%d],'data_offsets':[1,%d]}}"
                .formatted(type, elements, 1 + hexData.length() / 2),
        "00" + hexData);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 2, 0000803f00000040",
    "F64, 2, 000000000000f03f0000000000000040",
    "F16, 2, 003c0040",
    "BF16, 2, 803f0040"
  })
  void readsUnalignedFloatingPoint(String type, int elements, String data) {
    try (SafetensorsFile file = unaligned(type, elements, data)) {
      assertArrayEquals(new float[] {1, 2}, file.floats("t"));
    }
  }

  @Test
  void convertsEveryHalfPrecisionNumberExactly() {
    ByteBuffer all = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      all.putShort((short) i);
    }
    try (SafetensorsFile half = unaligned("F16", 1 << 16, HexFormat.of().formatHex(all.array()))) {
      float[] values = half.floats("t");
      for (int i = 0; i < values.length; i++) {
        assertEquals(Float.float16ToFloat((short) i), values[i]);
      }
    }
    try (SafetensorsFile brain =
        unaligned("BF16", 1 << 16, HexFormat.of().formatHex(all.array()))) {
      float[] values = brain.floats("t");
      for (int i = 0; i < values.length; i++) {
        assertEquals(Float.intBitsToFloat(i << 16), values[i]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "I64, feffffffffffffff, -2",
    "I32, feffffff, -2",
    "I16, feff, -2",
    "I8, fe, -2",
    "U64, feffffffffffff7f, 9223372036854775806",
    "U32, feffffff, 4294967294",
    "U16, feff, 65534",
    "U8, fe, 254",
    "BOOL, 01, 1"
  })
  void readsUnalignedIntegers(String type, String data, long expected) {
    try (SafetensorsFile file = unaligned(type, 1, data)) {
      assertArrayEquals(new long[] {expected}, file.longs("t"));
    }
  }

  @Test
  void refusesWhatAnArrayCannotRepresent() {
    try (SafetensorsFile file = unaligned("U64", 1, "ffffffffffffffff")) {
      String tooLarge = assertThrows(CodonfuseException.class, () -> file.longs("t")).getMessage();
      String notFloating =
          assertThrows(CodonfuseException.class, () -> file.floats("t")).getMessage();

      assertTrue(tooLarge.contains("not 18446744073709551615"), tooLarge);
      assertTrue(notFloating.startsWith(file.path() + ": tensor \"t\" (U64 [1])"), notFloating);
    }
    try (SafetensorsFile file = unaligned("F32", 1, "00000000")) {
      assertThrows(CodonfuseException.class, () -> file.longs("t"));
    }
  }

  @Test
  void namesTheTensorsThereAreForOneThatIsNot() {
    try (SafetensorsFile file = unaligned("U8", 1, "00")) {
      String message = assertThrows(CodonfuseException.class, () -> file.info("q")).getMessage();

      assertEquals(
          file.path()
              + ": no tensor \"q\"; take one that it holds (\"pad\", \"t\"), or another"
              + " checkpoint.",
          message);
    }
  }

  @Test
  void describesTensorsAndMetadata() {
    try (SafetensorsFile file =
        open(
            "{'__metadata__':{'format':'pt'},'s':{'dtype':'BF16','shape':[],'data_offsets':[0,2]}}",
            "803f")) {
      TensorInfo info = file.info("s");

      assertEquals(new TensorInfo("s", StoredType.BF16, Shape.of()), info);
      assertEquals(Optional.of(DType.BFLOAT16), info.type().dtype());
      assertEquals("pt", file.metadata().get("format"));
      assertArrayEquals(new float[] {1}, file.floats("s"));
    }
  }

  @Test
  void segmentsAreReadOnlyViewsOfTheFile() {
    try (SafetensorsFile file = unaligned("U8", 2, "0708")) {
      MemorySegment segment = file.segment("t");

      assertTrue(segment.isMapped() && segment.isReadOnly());
      assertArrayEquals(new byte[] {7, 8}, segment.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void refusesDataAfterCloseButStillDescribes() {
    SafetensorsFile file = unaligned("U8", 1, "07");
    MemorySegment segment = file.segment("t");

    file.close();

    assertDoesNotThrow(file::close);
    assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, () -> file.segment("t"));
    assertThrows(IllegalStateException.class, () -> file.longs("t"));
    assertEquals(1, file.info("t").bytes());
  }

  @Test
  void servesManyThreads() throws Exception {
    try (SafetensorsFile file = unaligned("F32", 2, "0000803f00000040");
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> reads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        reads.add(threads.submit(() -> file.floats("t")));
      }
      for (Future<float[]> read : reads) {
        assertArrayEquals(new float[] {1, 2}, read.get());
      }
    }
  }

  @Test
  void everyComputedTypeHasItsStoredType() {
    for (DType dtype : DType.values()) {
      StoredType stored = StoredType.of(dtype);

      assertEquals(Optional.of(dtype), stored.dtype());
      assertEquals(dtype.bytes(), stored.bytes());
    }
  }
}
