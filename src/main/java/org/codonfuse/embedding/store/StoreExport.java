package org.codonfuse.embedding.store;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.Elements;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorData;

/** Rows of a store in one file, for other programs. They are streamed. */
public final class StoreExport {
  /** What the file is. */
  public enum Format {
    /** A tensor [rows, width] for every sequence, named by its id, in the store's type. */
    SAFETENSORS,
    /** An array [sequences, width], in the order of the input, of one row a sequence. */
    NPY,
    /** A line for every row: id, number of the row in its sequence, values. */
    CSV;

    /** The name used in options, and the extension of files. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final EmbeddingStore store;
  private final List<IndexEntry> entries;

  private StoreExport(EmbeddingStore store, List<IndexEntry> entries) {
    this.store = store;
    this.entries = entries;
  }

  /** Of the whole store. */
  public static StoreExport of(EmbeddingStore store) {
    return new StoreExport(store, store.entries());
  }

  /**
   * Of the sequences of these ids, in the order of the input.
   *
   * @throws CodonfuseException if the store does not have one of them
   */
  public static StoreExport of(EmbeddingStore store, List<String> ids) {
    Set<String> wanted = new LinkedHashSet<>(ids);
    List<IndexEntry> entries =
        store.entries().stream().filter(entry -> wanted.contains(entry.id())).toList();
    entries.forEach(entry -> wanted.remove(entry.id()));
    if (!wanted.isEmpty()) {
      throw new CodonfuseException(
          "%s: has no sequence '%s'; its ids are in index.csv."
              .formatted(store.directory(), wanted.iterator().next()));
    }
    return new StoreExport(store, entries);
  }

  /** How many sequences are exported. */
  public int sequences() {
    return entries.size();
  }

  /**
   * Writes a file, replacing it if it exists; it appears when it is whole.
   *
   * @throws CodonfuseException if the format cannot hold these rows or the file cannot be written
   */
  public void write(Path file, Format format, Progress progress) {
    if (!entries.isEmpty()) {
      // A store that is not what its manifest says is found before anything is made of that.
      store.rows(entries.getFirst());
    }
    switch (format) {
      case SAFETENSORS -> writeSafetensors(file);
      case NPY -> {
        requireSingleRows();
        stream(file, progress, this::writeNpy);
      }
      case CSV -> stream(file, progress, this::writeCsv);
    }
  }

  private interface Body {
    void write(OutputStream out, Progress.Task task) throws IOException;
  }

  private void stream(Path file, Progress progress, Body body) {
    try (Progress.Task task = progress.start("Exporting", entries.size())) {
      AtomicFiles.write(file, out -> body.write(out, task));
    }
  }

  private void writeSafetensors(Path file) {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    for (IndexEntry entry : entries) {
      TensorData data =
          new TensorData(store.type(), Shape.of(entry.rows(), store.width()), store.rows(entry));
      if (tensors.put(entry.id(), data) != null) {
        throw new CodonfuseException(
            ("%s: has two sequences '%s', and safetensors files name tensors by id; use"
                    + " --format csv.")
                .formatted(store.directory(), entry.id()));
      }
    }
    try {
      SafetensorsWriter.write(file, tensors);
    } catch (IllegalArgumentException e) {
      throw new CodonfuseException(
          "%s: the ids cannot all be names of tensors in one file (%s); use --format csv."
              .formatted(store.directory(), e.getMessage()),
          e);
    }
  }

  private void requireSingleRows() {
    for (IndexEntry entry : entries) {
      if (entry.rows() != 1) {
        throw new CodonfuseException(
            ("%s: '%s' has %d rows where npy holds one a sequence; use --format safetensors,"
                    + " or embed with --pool mean.")
                .formatted(store.directory(), entry.id(), entry.rows()));
      }
    }
  }

  private void writeNpy(OutputStream out, Progress.Task task) throws IOException {
    // NumPy has no bfloat16.
    boolean asFloats = store.type() == StoredType.BF16;
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(
                store.type() == StoredType.F16 ? "<f2" : "<f4", entries.size(), store.width());
    int unpadded = 10 + header.length() + 1;
    int size = (unpadded + 63) / 64 * 64;
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(size - 10);
    out.write((size - 10) >>> 8);
    out.write((header + " ".repeat(size - unpadded) + "\n").getBytes(StandardCharsets.US_ASCII));
    float[] row = new float[store.width()];
    for (IndexEntry entry : entries) {
      MemorySegment values = store.rows(entry);
      if (asFloats) {
        store.read(entry, row, 0);
        values = TensorData.of(Shape.of(row.length), row).data();
      }
      out.write(values.toArray(ValueLayout.JAVA_BYTE));
      task.step(1);
    }
  }

  private void writeCsv(OutputStream out, Progress.Task task) throws IOException {
    Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    CSVPrinter csv =
        new CSVPrinter(text, CSVFormat.RFC4180.builder().setRecordSeparator("\n").get());
    List<Object> cells = new ArrayList<>(List.of("id", "row"));
    for (int i = 0; i < store.width(); i++) {
      cells.add("v" + i);
    }
    csv.printRecord(cells);
    int width = store.width();
    float[] row = new float[width];
    for (IndexEntry entry : entries) {
      MemorySegment rows = store.rows(entry);
      long bytes = (long) width * store.type().bytes();
      for (int r = 0; r < entry.rows(); r++) {
        Elements.decode(store.type(), rows.asSlice(r * bytes, bytes), row, 0, width);
        cells.clear();
        cells.add(entry.id());
        cells.add(r);
        for (float value : row) {
          cells.add(value);
        }
        csv.printRecord(cells);
      }
      task.step(1);
    }
    csv.flush();
  }
}
