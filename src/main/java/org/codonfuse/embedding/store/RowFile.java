package org.codonfuse.embedding.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.weights.Elements;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorData;

/**
 * Writes rows to one file as they come, so that they may be more than memory holds; the file
 * appears when it is whole.
 */
public final class RowFile {
  /** The one tensor of a safetensors file. */
  public static final String TENSOR = "embeddings";

  /** In the metadata of a safetensors file: the ids, in the order of the rows, as a JSON array. */
  public static final String IDS = "ids";

  private static final JsonFactory JSON = new JsonFactory();
  private static final int CHUNK = 1 << 16;

  private final StoredType type;
  private final int width;
  private final List<Sequence> sequences;

  /**
   * A sequence and how many rows it has.
   *
   * @param id its name
   * @param rows how many
   */
  public record Sequence(String id, int rows) {}

  /** Hands over the rows. */
  @FunctionalInterface
  public interface Body {
    /**
     * Gives the rows of all sequences, one after the other.
     *
     * @param sink takes the values piece by piece, little-endian; {@link MemorySegment}s, so that
     *     mapped files and arrays are written alike
     */
    void write(Consumer<MemorySegment> sink);
  }

  /**
   * @param type of the values that come
   * @param sequences in the order of their rows
   */
  public RowFile(StoredType type, int width, List<Sequence> sequences) {
    this.type = type;
    this.width = width;
    this.sequences = sequences;
  }

  /**
   * Writes rows, one a sequence.
   *
   * @throws CodonfuseException if the file cannot be written
   */
  public void write(Path file, ExportFormat format, Body body) {
    switch (format) {
      case SAFETENSORS -> safetensors(file, body);
      case NPY -> npy(file, body);
      case CSV -> csv(file, List.of("id"), body);
    }
  }

  private void safetensors(Path file, Body body) {
    write(
        file,
        out -> {
          SafetensorsWriter.begin(
              out, TENSOR, type, Shape.of(sequences.size(), width), Map.of(IDS, ids()));
          body.write(bytes(out));
        });
  }

  private String ids() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (Sequence sequence : sequences) {
        json.writeString(sequence.id());
      }
      json.writeEndArray();
    }
    return text.toString();
  }

  void npy(Path file, Body body) {
    // NumPy has no bfloat16.
    boolean asFloats = type == StoredType.BF16;
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(type == StoredType.F16 ? "<f2" : "<f4", sequences.size(), width);
    int unpadded = 10 + header.length() + 1;
    int size = (unpadded + 63) / 64 * 64;
    write(
        file,
        out -> {
          out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
          out.write(size - 10);
          out.write((size - 10) >>> 8);
          out.write(
              (header + " ".repeat(size - unpadded) + "\n").getBytes(StandardCharsets.US_ASCII));
          Consumer<MemorySegment> bytes = bytes(out);
          body.write(asFloats ? values -> bytes.accept(floats(values)) : bytes);
        });
  }

  private MemorySegment floats(MemorySegment values) {
    float[] floats = new float[Math.toIntExact(values.byteSize() / type.bytes())];
    Elements.decode(type, values, floats, 0, floats.length);
    return TensorData.of(Shape.of(floats.length), floats).data();
  }

  /** A line for every row: id, its number in the sequence, values. */
  void numberedCsv(Path file, Body body) {
    csv(file, List.of("id", "row"), body);
  }

  private void csv(Path file, List<String> names, Body body) {
    write(
        file,
        out -> {
          Writer writer = new Writer(out, names);
          body.write(writer::append);
          writer.csv.flush();
        });
  }

  private static void write(Path file, AtomicFiles.Writer writer) {
    AtomicFiles.write(
        file,
        out -> {
          try {
            writer.write(out);
          } catch (UncheckedIOException e) {
            throw e.getCause();
          }
        });
  }

  private static Consumer<MemorySegment> bytes(OutputStream out) {
    byte[] chunk = new byte[CHUNK];
    return values -> {
      try {
        for (long at = 0; at < values.byteSize(); at += chunk.length) {
          int size = (int) Math.min(chunk.length, values.byteSize() - at);
          MemorySegment.copy(values, ValueLayout.JAVA_BYTE, at, chunk, 0, size);
          out.write(chunk, 0, size);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Lines from pieces that may end within a row. */
  private final class Writer {
    private final CSVPrinter csv;
    private final boolean numbered;
    private final List<Object> cells = new ArrayList<>();
    private final float[] row = new float[width];
    private int filled;
    private int sequence;
    private int number;

    Writer(OutputStream out, List<String> names) throws IOException {
      this.csv =
          new CSVPrinter(
              new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)),
              CSVFormat.RFC4180.builder().setRecordSeparator("\n").get());
      this.numbered = names.size() > 1;
      cells.addAll(names);
      for (int i = 0; i < width; i++) {
        cells.add("v" + i);
      }
      csv.printRecord(cells);
    }

    void append(MemorySegment values) {
      long count = values.byteSize() / type.bytes();
      for (long at = 0; at < count; ) {
        int size = (int) Math.min(width - filled, count - at);
        Elements.decode(type, values.asSlice(at * type.bytes()), row, filled, size);
        at += size;
        filled += size;
        if (filled == width) {
          print();
        }
      }
    }

    private void print() {
      while (number == sequences.get(sequence).rows()) {
        sequence++;
        number = 0;
      }
      cells.clear();
      cells.add(sequences.get(sequence).id());
      if (numbered) {
        cells.add(number);
      }
      for (float value : row) {
        cells.add(value);
      }
      try {
        csv.printRecord(cells);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      number++;
      filled = 0;
    }
  }
}
