package org.codonfuse.embedding;

import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;

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

  /**
   * For a value that its stored type cannot hold.
   *
   * @param value its index
   * @param sequences by the numbers that the rows have
   */
  CodonfuseException tooLarge(int value, DType stored, List<EmbeddingInput> sequences) {
    return new CodonfuseException(
        "Sequence '"
            + sequences.get(members[memberOf(value)]).id()
            + "' has an embedding of "
            + values[value]
            + ", more than "
            + (stored == DType.FLOAT16 ? "the 65504 of float16" : stored + " holds")
            + "; use --store-as bfloat16 or float32.");
  }
}
