package org.codonfuse.training;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.StreamSpec;

/** Sequences as a model sees them: the rows of every stream, in memory. */
public final class Examples {
  private final List<StreamSpec> streams;
  private final float[][][] rows;
  private final int[] codons;

  /**
   * @param streams what the rows are
   * @param rows [stream][example], each [rows · width] in row-major order
   * @param codons number of codons of every example
   */
  public Examples(List<StreamSpec> streams, float[][][] rows, int[] codons) {
    if (rows.length != streams.size()
        || Arrays.stream(rows).anyMatch(of -> of.length != codons.length)) {
      throw new IllegalArgumentException("Streams of different numbers of examples");
    }
    this.streams = List.copyOf(streams);
    this.rows = rows;
    this.codons = codons;
  }

  /** Number of examples. */
  public int size() {
    return codons.length;
  }

  /** Some of these examples, sharing their values. */
  public Examples subset(int[] members) {
    float[][][] chosen = new float[rows.length][members.length][];
    for (int s = 0; s < rows.length; s++) {
      for (int i = 0; i < members.length; i++) {
        chosen[s][i] = rows[s][members[i]];
      }
    }
    return new Examples(
        streams, chosen, Arrays.stream(members).map(member -> codons[member]).toArray());
  }

  /** All examples, those with fewer codons first: batches of neighbours need little padding. */
  public int[] byLength() {
    return IntStream.range(0, size())
        .boxed()
        .sorted(Comparator.comparingInt(i -> codons[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Some examples as one padded batch in the current scope. */
  public Batch batch(Backend backend, int[] members) {
    Map<String, Batch.Stream> batch = new LinkedHashMap<>();
    for (int s = 0; s < streams.size(); s++) {
      batch.put(streams.get(s).name(), stream(backend, s, members));
    }
    return new Batch(batch, Arrays.stream(members).map(i -> codons[i]).toArray());
  }

  private Batch.Stream stream(Backend backend, int stream, int[] members) {
    int width = streams.get(stream).width();
    int[] lengths = Arrays.stream(members).map(i -> rows[stream][i].length / width).toArray();
    int longest = Arrays.stream(lengths).max().orElse(0);
    float[] values = new float[Math.multiplyExact(members.length, longest * width)];
    for (int b = 0; b < members.length; b++) {
      float[] member = rows[stream][members[b]];
      System.arraycopy(member, 0, values, b * longest * width, member.length);
    }
    Shape shape = Shape.of(members.length, longest, width);
    return new Batch.Stream(backend.tensor(values, shape), lengths);
  }
}
