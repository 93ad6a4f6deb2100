package org.codonfuse.embedding.store;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;

/** Rows of a store in one file, for other programs. They are streamed. */
public final class StoreExport {
  private final EmbeddingStore store;
  private final List<IndexEntry> entries;

  private StoreExport(EmbeddingStore store, List<IndexEntry> entries) {
    this.store = store;
    this.entries = entries;
  }

  /** Of some of its sequences. */
  public static StoreExport of(EmbeddingStore store, List<IndexEntry> entries) {
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
  public void write(Path file, ExportFormat format, Progress progress) {
    if (!entries.isEmpty()) {
      // A store that is not what its manifest says is found before anything is made of that.
      store.rows(entries.getFirst());
    }
    RowFile rows =
        new RowFile(
            store.type(),
            store.width(),
            entries.stream().map(entry -> new RowFile.Sequence(entry.id(), entry.rows())).toList());
    switch (format) {
      case SAFETENSORS -> writeSafetensors(file);
      case NPY -> {
        requireSingleRows();
        rows.npy(file, stream(progress));
      }
      case CSV -> rows.numberedCsv(file, stream(progress));
    }
  }

  private RowFile.Body stream(Progress progress) {
    return sink -> {
      try (Progress.Task task = progress.start("Exporting", entries.size())) {
        for (IndexEntry entry : entries) {
          sink.accept(store.rows(entry));
          task.step(1);
        }
      }
    };
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
}
