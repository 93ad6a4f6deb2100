package org.codonfuse.embedding;

/**
 * The rows of some sequences, one after the other.
 *
 * @param members the sequences
 * @param rows how many each of them has
 * @param values [all rows, width], finite
 * @param width of a row
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; lists would box.
record EmbeddedRows(int[] members, int[] rows, float[] values, int width) {
  /** Which of the sequences a value belongs to, as a position in {@code members}. */
  int memberOf(int value) {
    int row = value / width;
    int member = 0;
    while (row >= rows[member]) {
      row -= rows[member++];
    }
    return member;
  }
}
