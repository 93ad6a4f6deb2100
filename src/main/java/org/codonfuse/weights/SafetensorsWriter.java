package org.codonfuse.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;

/**
 * Writes safetensors files as the reference implementation does: tensors by descending element
 * size, then by name, so that all are aligned; the header padded to 8 bytes. The same tensors give
 * the same bytes.
 */
public final class SafetensorsWriter {
  private static final int CHUNK = 1 << 20;
  private static final JsonFactory JSON = new JsonFactory();

  private SafetensorsWriter() {}

  /**
   * Writes a file with the metadata {@code {"format": "pt"}} only.
   *
   * @see #write(Path, Map, Map)
   */
  public static void write(Path path, Map<String, ? extends TensorContent> tensors) {
    write(path, tensors, Map.of());
  }

  /**
   * Writes a file, replacing it if it exists. The data are streamed.
   *
   * @param metadata notes; {@code format} is {@code pt} unless given, as PyTorch's readers expect
   * @throws CodonfuseException if it cannot be written; nothing is left behind then
   * @throws IllegalArgumentException for a tensor named {@code __metadata__} or with unpaired
   *     surrogates, or names too long for a header of 100 MB
   */
  public static void write(
      Path path, Map<String, ? extends TensorContent> tensors, Map<String, String> metadata) {
    tensors.keySet().forEach(SafetensorsWriter::requirePossible);
    List<Map.Entry<String, TensorContent>> ordered =
        tensors.entrySet().stream()
            .map(entry -> Map.entry(entry.getKey(), (TensorContent) entry.getValue()))
            .sorted(
                Comparator.<Map.Entry<String, TensorContent>>comparingInt(
                        entry -> -entry.getValue().type().bytes())
                    .thenComparing(Map.Entry::getKey))
            .toList();
    AtomicFiles.write(
        path,
        out -> {
          List<TensorInfo> infos =
              ordered.stream()
                  .map(
                      entry ->
                          new TensorInfo(
                              entry.getKey(), entry.getValue().type(), entry.getValue().shape()))
                  .toList();
          out.write(preamble(infos, metadata, Long.BYTES));
          for (Map.Entry<String, TensorContent> tensor : ordered) {
            write(out, tensor.getKey(), tensor.getValue());
          }
        });
  }

  /**
   * Writes all that precedes the data of a file of one tensor; they are to follow, little-endian
   * and row-major.
   *
   * @param metadata see {@link #write(Path, Map, Map)}
   */
  public static void begin(
      OutputStream out, String name, StoredType type, Shape shape, Map<String, String> metadata)
      throws IOException {
    requirePossible(name);
    out.write(preamble(List.of(new TensorInfo(name, type, shape)), metadata, Long.BYTES));
  }

  static void requirePossible(String name) {
    if (name.equals(SafetensorsHeader.METADATA) || !Names.isUnicode(name)) {
      throw new IllegalArgumentException("No tensor can be named " + Names.quoted(name));
    }
  }

  /**
   * All that precedes the data: the length of the header and the header.
   *
   * @param alignment the size is padded to a multiple of it
   */
  static byte[] preamble(List<TensorInfo> tensors, Map<String, String> metadata, int alignment)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(new byte[Long.BYTES]);
    Map<String, String> notes = new TreeMap<>(metadata);
    notes.putIfAbsent("format", "pt");
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart(SafetensorsHeader.METADATA);
      for (Map.Entry<String, String> note : notes.entrySet()) {
        json.writeStringField(note.getKey(), note.getValue());
      }
      json.writeEndObject();
      long begin = 0;
      for (TensorInfo tensor : tensors) {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().name());
        writeArray(json, "shape", tensor.shape().toArray());
        writeArray(json, "data_offsets", begin, begin + tensor.bytes());
        json.writeEndObject();
        begin += tensor.bytes();
      }
      json.writeEndObject();
    }
    while (bytes.size() % alignment != 0) {
      bytes.write(' ');
    }
    int header = bytes.size() - Long.BYTES;
    if (header > SafetensorsHeader.LONGEST) {
      throw new IllegalArgumentException("A header of " + header + " bytes");
    }
    byte[] preamble = bytes.toByteArray();
    ByteBuffer.wrap(preamble).order(ByteOrder.LITTLE_ENDIAN).putLong(header);
    return preamble;
  }

  private static void writeArray(JsonGenerator json, String field, long... values)
      throws IOException {
    json.writeFieldName(field);
    json.writeArray(values, 0, values.length);
  }

  private static void write(OutputStream out, String name, TensorContent tensor)
      throws IOException {
    MemorySegment data = tensor.data();
    if (data.byteSize() != tensor.bytes()) {
      throw new IllegalStateException(
          name + " came with " + data.byteSize() + " bytes instead of " + tensor.bytes());
    }
    byte[] chunk = new byte[(int) Math.min(CHUNK, data.byteSize())];
    for (long at = 0; at < data.byteSize(); at += chunk.length) {
      int size = (int) Math.min(chunk.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, size);
      out.write(chunk, 0, size);
    }
  }
}
