package org.codonfuse.embedding;

import org.codonfuse.compute.HostRead;

/**
 * Rows that the device may be computing yet.
 *
 * @param members see {@link EmbeddedRows}
 * @param rows see {@link EmbeddedRows}
 * @param values [all rows, width]
 * @param width of a row
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; lists would box.
record UnreadRows(int[] members, int[] rows, HostRead values, int width) implements AutoCloseable {
  EmbeddedRows await() {
    return new EmbeddedRows(members, rows, values.await(), width);
  }

  @Override
  public void close() {
    values.close();
  }
}
