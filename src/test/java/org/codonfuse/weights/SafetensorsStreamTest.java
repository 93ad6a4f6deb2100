package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsStreamTest {
  @TempDir private Path folder;

  private Path write(String name, byte[] values, int piece, Map<String, String> notes)
      throws IOException {
    Path file = folder.resolve(name);
    try (SafetensorsStream stream =
        SafetensorsStream.create(file, "t", StoredType.U8, Shape.of(values.length), notes)) {
      for (int at = 0; at < values.length; at += piece) {
        stream.append(
            MemorySegment.ofArray(values).asSlice(at, Math.min(piece, values.length - at)));
      }
      stream.finish();
    }
    return file;
  }

  private static byte[] random(int size) {
    byte[] values = new byte[size];
    new Random(1).nextBytes(values);
    return values;
  }

  @Test
  void writesTheSameHoweverTheValuesAreCut() throws IOException {
    byte[] values = random((3 << 20) + 5);
    Map<String, String> notes = Map.of("a", "\"checksum\":\"" + "0".repeat(64), "z", "é");

    Path whole = write("whole", values, values.length, notes);
    Path pieces = write("pieces", values, 100_003, notes);

    assertEquals(-1, Files.mismatch(whole, pieces));
    try (SafetensorsFile file = SafetensorsFile.open(whole)) {
      assertEquals(-1, file.segment("t").mismatch(MemorySegment.ofArray(values)));
      assertEquals(
          Map.of(
              "a",
              notes.get("a"),
              "z",
              "é",
              "format",
              "pt",
              "checksum",
              HexFormat.of().formatHex(Sha256.newDigest().digest(values))),
          file.metadata());
    }
  }

  @Test
  void dataBeginAtAMultipleOf64Bytes() throws IOException {
    for (int note = 0; note < 64; note += 7) {
      Path file = write("n" + note, new byte[3], 3, Map.of("n", "n".repeat(note)));

      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(0, (Long.BYTES + bytes.getLong(0)) % 64);
      assertEquals(Long.BYTES + bytes.getLong(0) + 3, bytes.capacity());
    }
  }

  @Test
  void anEmptyTensorIsPossible() throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(write("empty", new byte[0], 1, Map.of()))) {
      assertArrayEquals(new long[0], file.longs("t"));
    }
  }

  @Test
  void refusesTooMuchTooLittleAndWhatIsThere() throws IOException {
    Path file = folder.resolve("t");
    try (SafetensorsStream stream =
        SafetensorsStream.create(file, "t", StoredType.F32, Shape.of(2), Map.of())) {
      stream.append(MemorySegment.ofArray(new float[1]));
      assertThrows(IllegalStateException.class, stream::finish);
      assertThrows(
          IllegalArgumentException.class, () -> stream.append(MemorySegment.ofArray(new float[2])));
    }
    assertThrows(
        FileAlreadyExistsException.class,
        () -> SafetensorsStream.create(file, "t", StoredType.F32, Shape.of(2), Map.of()).close());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            SafetensorsStream.create(
                    folder.resolve("u"), "__metadata__", StoredType.F32, Shape.of(), Map.of())
                .close());
  }
}
