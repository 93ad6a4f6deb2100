package org.codonfuse.compute;

import java.util.List;

/**
 * Weighted sums over rows in compressed form: output row {@code s} is the sum of {@code weight[k] ·
 * x[row[k]]} for k in {@code offset[s] .. offset[s + 1] - 1}. Expresses codon and window means
 * whose members come from nucleotide spans. The arrays are not copied and must not change.
 *
 * @param offsets [segments + 1], from 0, not decreasing
 * @param rows [offsets[segments]], the rows that are summed
 * @param weights [offsets[segments]]
 */
@SuppressWarnings("ArrayRecordComponent") // Segments are compared by nobody; lists would box.
public record Segments(int[] offsets, int[] rows, float[] weights) {
  public Segments {
    if (offsets.length == 0 || offsets[0] != 0 || rows.length != weights.length) {
      throw new IllegalArgumentException("Segments whose arrays do not belong together");
    }
    for (int s = 1; s < offsets.length; s++) {
      if (offsets[s] < offsets[s - 1]) {
        throw new IllegalArgumentException("Segment offsets decrease at " + s);
      }
    }
    if (offsets[offsets.length - 1] != rows.length) {
      throw new IllegalArgumentException("Segment offsets end before the rows do");
    }
  }

  /** Number of segments. */
  public int count() {
    return offsets.length - 1;
  }

  /** All segments of several, in order. */
  public static Segments join(List<Segments> parts) {
    int count = parts.stream().mapToInt(Segments::count).sum();
    int members = parts.stream().mapToInt(part -> part.rows.length).sum();
    int[] offsets = new int[count + 1];
    int[] rows = new int[members];
    float[] weights = new float[members];
    int segment = 0;
    int member = 0;
    for (Segments part : parts) {
      System.arraycopy(part.rows, 0, rows, member, part.rows.length);
      System.arraycopy(part.weights, 0, weights, member, part.weights.length);
      for (int s = 1; s <= part.count(); s++) {
        offsets[++segment] = member + part.offsets[s];
      }
      member += part.rows.length;
    }
    return new Segments(offsets, rows, weights);
  }
}
