package org.codonfuse.compute;

/**
 * Weighted sums over rows in compressed form: output row {@code s} is the sum of {@code weight[k] ·
 * x[row[k]]} for k in {@code offset[s] .. offset[s + 1] - 1}. Expresses codon and window means
 * whose members come from nucleotide spans. The arrays are not copied and must not change.
 *
 * @param offsets [segments + 1], from 0, not decreasing
 * @param rows [offsets[segments]], the rows that are summed
 * @param weights [offsets[segments]]
 */
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
}
