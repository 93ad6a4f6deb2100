package org.codonfuse.embedding.store;

import java.util.Locale;

/** Files of rows that other programs read. */
public enum ExportFormat {
  /** Of a store a tensor [rows, width] for every sequence; of pooled rows one of all. */
  SAFETENSORS,
  /** An array [sequences, width], in the order of the input, of one row a sequence. */
  NPY,
  /** A line for every row: id, its number where a sequence has several, values. */
  CSV;

  /** The name used in options, and the extension of files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
