package org.codonfuse.explain;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.training.Examples;
import org.codonfuse.training.HostBatch;

/** What attributions are relative to, and what takes the place of a modality that is taken away. */
public enum Baseline {
  /** The mean row of a stream: an average token, which says nothing of the sequence. */
  MEAN("mean"),
  /** Zeros. */
  ZERO("zero");

  private static final int SEQUENCES_AT_ONCE = 32;

  private final String label;

  Baseline(String label) {
    this.label = label;
  }

  /** The name that {@code --baseline} takes. */
  public String label() {
    return label;
  }

  /**
   * What it is, in words.
   *
   * @param trained whether a mean is over the sequences that were learned from, not over those that
   *     are explained
   */
  public String description(boolean trained) {
    return this == ZERO
        ? "embeddings of zeros"
        : "the mean embedding of each modality over the %ssequences"
            .formatted(trained ? "training " : "explained ");
  }

  /** Finds one by its {@link #label}. */
  public static Optional<Baseline> find(String label) {
    return Stream.of(values()).filter(baseline -> baseline.label.equals(label)).findFirst();
  }

  /**
   * The row of every stream, by name.
   *
   * @param examples what a mean is taken over
   */
  Map<String, float[]> rows(Examples examples) {
    Map<String, float[]> rows = new HashMap<>();
    if (this == ZERO) {
      examples.streams().forEach(stream -> rows.put(stream.name(), new float[stream.width()]));
      return rows;
    }
    Map<String, double[]> sums = new HashMap<>();
    Map<String, Long> counts = new HashMap<>();
    for (int from = 0; from < examples.size(); from += SEQUENCES_AT_ONCE) {
      int to = Math.min(examples.size(), from + SEQUENCES_AT_ONCE);
      HostBatch batch = examples.gather(IntStream.range(from, to).toArray());
      for (HostBatch.Stream stream : batch.streams()) {
        add(stream, sums.computeIfAbsent(stream.name(), _ -> new double[stream.width()]));
        counts.merge(stream.name(), (long) IntStream.of(stream.lengths()).sum(), Long::sum);
      }
    }
    for (StreamSpec stream : examples.streams()) {
      double[] sum = sums.get(stream.name());
      long count = Math.max(1, counts.get(stream.name()));
      float[] row = new float[sum.length];
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) (sum[i] / count);
      }
      rows.put(stream.name(), row);
    }
    return rows;
  }

  private static void add(HostBatch.Stream stream, double[] sum) {
    int width = stream.width();
    float[] values = stream.values().toFloats();
    for (int b = 0; b < stream.lengths().length; b++) {
      int first = b * stream.longest() * width;
      for (int i = 0; i < stream.lengths()[b] * width; i++) {
        sum[i % width] += values[first + i];
      }
    }
  }
}
