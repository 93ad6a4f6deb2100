package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void ordersByElementSizeThenNameAndPadsTheHeader() throws IOException {
    Path path = folder.resolve("new/folder/model.safetensors");
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("b", TensorData.of(Shape.of(2), new float[] {1, 2}));
    tensors.put("a", TensorData.of(Shape.of(), new float[] {3}));
    tensors.put("z", TensorData.ofLongs(Shape.of(1), new long[] {4}));

    SafetensorsWriter.write(path, tensors);

    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"z\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}";
    int padded = (header.length() + 7) / 8 * 8;
    byte[] written = Files.readAllBytes(path);
    assertEquals(8 + padded + 20, written.length);
    assertEquals(padded, MemorySegment.ofArray(written).get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    assertEquals(
        header + " ".repeat(padded - header.length()),
        new String(written, 8, padded, StandardCharsets.UTF_8));
  }

  @Test
  void theSameTensorsGiveTheSameBytes() throws IOException {
    LinkedHashMap<String, TensorData> forward = new LinkedHashMap<>();
    forward.put("a", TensorData.of(Shape.of(1), new float[] {1}));
    forward.put("b", TensorData.of(Shape.of(1), new float[] {2}));
    Map<String, TensorData> backward = new LinkedHashMap<>(forward.reversed());

    SafetensorsWriter.write(folder.resolve("1"), forward, Map.of("x", "1", "y", "2"));
    SafetensorsWriter.write(folder.resolve("2"), backward, Map.of("y", "2", "x", "1"));

    assertEquals(-1, Files.mismatch(folder.resolve("1"), folder.resolve("2")));
  }

  @Test
  void leavesTheOldFileAndNoOtherWhenWritingFails() throws IOException {
    Path path = Files.writeString(folder.resolve("model.safetensors"), "old");
    MemorySegment freed;
    try (Arena arena = Arena.ofConfined()) {
      freed = arena.allocate(4);
    }
    Map<String, TensorData> unwritable =
        Map.of("t", new TensorData(StoredType.F32, Shape.of(1), freed));

    assertThrows(IllegalStateException.class, () -> SafetensorsWriter.write(path, unwritable));

    assertEquals("old", Files.readString(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void refusesImpossibleNamesAndDataOfAnotherSize() {
    TensorData data = TensorData.of(Shape.of(1), new float[] {1});

    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(folder.resolve("m"), Map.of("__metadata__", data)));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(folder.resolve("m"), Map.of("\ud800", data)));
    assertThrows(IllegalArgumentException.class, () -> TensorData.of(Shape.of(2), new float[] {1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorData(StoredType.F32, Shape.of(1), MemorySegment.ofArray(new byte[5])));
  }

  @Test
  void copiesTensorsLargerThanAChunk() {
    float[] values = new float[(3 << 20) / 4 + 5];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    Path path = folder.resolve("large.safetensors");

    SafetensorsWriter.write(path, Map.of("t", TensorData.of(Shape.of(values.length), values)));

    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(values, file.floats("t"));
    }
  }

  @Property(tries = 100)
  void whatIsWrittenIsRead(
      @ForAll("tensorMaps") Map<String, Tensor> tensors, @ForAll Map<String, String> rawNotes)
      throws IOException {
    Map<String, String> notes = new LinkedHashMap<>();
    rawNotes.forEach((key, value) -> notes.put(unicode(key), unicode(value)));
    Map<String, TensorData> data = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> data.put(name, tensor.data()));
    Path path = Files.createTempFile("round-trip", ".safetensors");
    try {
      SafetensorsWriter.write(path, data, notes);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertEquals(data.keySet(), file.names());
        notes.putIfAbsent("format", "pt");
        assertEquals(notes, file.metadata());
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
          TensorInfo info = file.info(tensor.getKey());
          assertEquals(tensor.getValue().type(), info.type());
          assertEquals(tensor.getValue().shape(), info.shape());
          assertArrayEquals(
              tensor.getValue().data().data().toArray(ValueLayout.JAVA_BYTE),
              file.segment(tensor.getKey()).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    } finally {
      Files.delete(path);
    }
  }

  record Tensor(StoredType type, Shape shape, long seed) {
    TensorData data() {
      byte[] bytes = new byte[shape.intSize() * type.bytes()];
      new Random(seed).nextBytes(bytes);
      return new TensorData(type, shape, MemorySegment.ofArray(bytes));
    }
  }

  @Provide
  Arbitrary<Map<String, Tensor>> tensorMaps() {
    Arbitrary<Shape> shapes =
        Arbitraries.longs().between(0, 5).list().ofMaxSize(4).map(SafetensorsWriterTest::shape);
    Arbitrary<Tensor> tensors =
        Combinators.combine(Arbitraries.of(StoredType.values()), shapes, Arbitraries.longs())
            .as(Tensor::new);
    return Arbitraries.maps(Arbitraries.strings().map(SafetensorsWriterTest::unicode), tensors)
        .ofMaxSize(8);
  }

  private static Shape shape(List<Long> sizes) {
    return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  /** The text with unpaired surrogates replaced, which no file can hold. */
  private static String unicode(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
