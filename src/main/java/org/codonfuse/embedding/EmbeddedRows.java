package org.codonfuse.embedding;

import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.ElementBytes;
import org.codonfuse.compute.HostRead;

/**
 * The rows of some sequences, one after the other, which the device may be computing yet.
 *
 * @param members the sequences
 * @param rows how many each of them has
 * @param values [all rows, width] in the type that they are stored in
 * @param width of a row
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; lists would box.
record EmbeddedRows(int[] members, int[] rows, HostRead values, int width)
    implements AutoCloseable {
  /** Size of the values, known before they are. */
  long byteSize() {
    long count = 0;
    for (int each : rows) {
      count += each;
    }
    return count * width * values.dtype().bytes();
  }

  /** Which of the sequences a value belongs to, as a position in {@code members}. */
  int memberOf(int value) {
    int row = value / width;
    int member = 0;
    while (row >= rows[member]) {
      row -= rows[member++];
    }
    return member;
  }

  /** The values as numbers. */
  float[] toFloats(List<EmbeddingInput> sequences) {
    requireFit(sequences);
    return values.await();
  }

  /**
   * Checks that their type can hold the values.
   *
   * @param sequences by the numbers that the rows have
   * @throws CodonfuseException if one of them, which were finite, is too large
   */
  void requireFit(List<EmbeddingInput> sequences) {
    if (values.fits()) {
      return;
    }
    DType stored = values.dtype();
    float[] source = values.source();
    int first = 0;
    while (Float.isFinite(ElementBytes.round(source[first], stored))) {
      first++;
    }
    throw new CodonfuseException(
        "Sequence '"
            + sequences.get(members[memberOf(first)]).id()
            + "' has an embedding of "
            + source[first]
            + ", more than "
            + (stored == DType.FLOAT16 ? "the 65504 of float16" : stored + " holds")
            + "; use --store-as bfloat16 or float32.");
  }

  @Override
  public void close() {
    values.close();
  }
}
