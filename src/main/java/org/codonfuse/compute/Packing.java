package org.codonfuse.compute;

import java.util.Arrays;

/**
 * Sequences laid one after the other as the rows of one tensor, without padding: sequence {@code s}
 * is rows {@code offset[s] .. offset[s + 1] - 1}. The array is not copied and must not change.
 *
 * @param offsets [sequences + 1], from 0, not decreasing
 */
@SuppressWarnings("ArrayRecordComponent") // Packings are compared by nobody; lists would box.
public record Packing(int[] offsets) {
  public Packing {
    if (offsets.length == 0 || offsets[0] != 0) {
      throw new IllegalArgumentException("A packing that does not begin at 0");
    }
    for (int s = 1; s < offsets.length; s++) {
      if (offsets[s] < offsets[s - 1]) {
        throw new IllegalArgumentException("Packing offsets decrease at " + s);
      }
    }
  }

  /** Sequences of these lengths. */
  public static Packing of(int... lengths) {
    int[] offsets = new int[lengths.length + 1];
    for (int s = 0; s < lengths.length; s++) {
      offsets[s + 1] = Math.addExact(offsets[s], lengths[s]);
    }
    return new Packing(offsets);
  }

  /** Number of sequences. */
  public int sequences() {
    return offsets.length - 1;
  }

  /** Number of rows of all sequences. */
  public int rows() {
    return offsets[offsets.length - 1];
  }

  /** First row of a sequence. */
  public int start(int sequence) {
    return offsets[sequence];
  }

  /** Number of rows of a sequence. */
  public int length(int sequence) {
    return offsets[sequence + 1] - offsets[sequence];
  }

  /** Rows of the longest sequence, 0 if there is none. */
  public int longest() {
    int longest = 0;
    for (int s = 0; s < sequences(); s++) {
      longest = Math.max(longest, length(s));
    }
    return longest;
  }

  @Override
  public String toString() {
    return "Packing" + Arrays.toString(offsets);
  }
}
