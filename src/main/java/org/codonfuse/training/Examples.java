package org.codonfuse.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.Shape;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.StreamSpec;

/**
 * Sequences as a model sees them: the rows of every stream, read when a batch needs them. Holds
 * none itself, so that there may be more of them than memory. May be read by several threads at
 * once.
 */
public final class Examples {
  /** Values of a batch that are at least a thread's work. */
  private static final int VALUES_OF_SHARE = 1 << 18;

  private final List<Stream> streams;
  private final int[] codons;
  private final int[] members;

  /**
   * One stream of the examples.
   *
   * @param spec what the rows are
   * @param rows the rows by example
   */
  public record Stream(StreamSpec spec, StreamRows rows) {}

  /**
   * @param streams the streams, which know every example
   * @param codons number of codons of every example
   */
  public Examples(List<Stream> streams, int[] codons) {
    this(streams, codons, IntStream.range(0, codons.length).toArray());
  }

  private Examples(List<Stream> streams, int[] codons, int[] members) {
    this.streams = List.copyOf(streams);
    this.codons = codons;
    this.members = members;
  }

  /**
   * Examples in memory.
   *
   * @param streams what the rows are
   * @param rows [stream][example], each [rows · width] in row-major order
   * @param codons number of codons of every example
   */
  public static Examples of(List<StreamSpec> streams, float[][][] rows, int[] codons) {
    if (rows.length != streams.size()
        || Arrays.stream(rows).anyMatch(of -> of.length != codons.length)) {
      throw new IllegalArgumentException("Streams of different numbers of examples");
    }
    return new Examples(
        IntStream.range(0, rows.length)
            .mapToObj(
                s -> new Stream(streams.get(s), StreamRows.of(streams.get(s).width(), rows[s])))
            .toList(),
        codons);
  }

  /** What the streams are, in their order. */
  public List<StreamSpec> streams() {
    return streams.stream().map(Stream::spec).toList();
  }

  /**
   * The same examples with one and the same row in the place of every row of a stream: what a model
   * sees that is told nothing by it.
   *
   * @param name of the stream
   * @param row [width]
   */
  public Examples replacing(String name, float[] row) {
    return new Examples(
        streams.stream().map(of -> of.spec().name().equals(name) ? constant(of, row) : of).toList(),
        codons,
        members);
  }

  private static Stream constant(Stream stream, float[] row) {
    return new Stream(
        stream.spec(),
        new StreamRows() {
          @Override
          public int rows(int example) {
            return stream.rows().rows(example);
          }

          @Override
          public void read(int example, float[] target, int offset) {
            for (int r = 0; r < rows(example); r++) {
              System.arraycopy(row, 0, target, offset + r * row.length, row.length);
            }
          }
        });
  }

  /** Number of examples. */
  public int size() {
    return members.length;
  }

  /** Number of codons of an example. */
  public int codons(int example) {
    return codons[members[example]];
  }

  /**
   * The most tokens that an encoder which learns reads for so many of the examples; 0 if none does.
   *
   * @param name of its stream
   */
  public long mostTokens(String name, int together) {
    return streams.stream()
        .filter(stream -> stream.spec().name().equals(name))
        .filter(stream -> stream.rows() instanceof LiveRows)
        .mapToLong(stream -> most(((LiveRows) stream.rows())::tokens, together))
        .sum();
  }

  /** The positions of a padded batch of the longest examples, in codons. */
  public long mostCodons(int together) {
    int longest = IntStream.range(0, size()).map(this::codons).max().orElse(0);
    return (long) Math.min(together, size()) * longest;
  }

  private long most(IntUnaryOperator length, int together) {
    int[] lengths = Arrays.stream(members).map(length).sorted().toArray();
    return Arrays.stream(lengths).skip(Math.max(0, lengths.length - together)).asLongStream().sum();
  }

  /** Some of these examples, from the same source. */
  public Examples subset(int[] chosen) {
    return new Examples(streams, codons, Arrays.stream(chosen).map(i -> members[i]).toArray());
  }

  /** All examples, those with fewer codons first: batches of neighbours need little padding. */
  public int[] byLength() {
    return Batches.sorted(IntStream.range(0, size()).toArray(), this::codons);
  }

  /** Reads some examples into one padded batch on the heap. */
  public HostBatch gather(int[] chosen) {
    return gather(HostTensor::onHeap, chosen);
  }

  /** Reads some examples into one padded batch where a backend computes with it; the caller's. */
  public HostBatch gather(Backend backend, int[] chosen) {
    return gather(backend::hostTensor, chosen);
  }

  private HostBatch gather(Function<Shape, HostTensor> memory, int[] chosen) {
    int[] examples = Arrays.stream(chosen).map(i -> members[i]).toArray();
    List<HostBatch.Stream> gathered = new ArrayList<>(streams.size());
    List<HostBatch.Live> live = new ArrayList<>();
    try {
      for (Stream stream : streams) {
        if (stream.rows() instanceof LiveRows rows) {
          live.add(new HostBatch.Live(stream.spec().name(), rows.gather(examples)));
        } else {
          gathered.add(gather(memory, stream, examples));
        }
      }
    } catch (RuntimeException | Error e) {
      gathered.forEach(HostBatch.Stream::close);
      throw e;
    }
    return new HostBatch(gathered, live, Arrays.stream(examples).map(i -> codons[i]).toArray());
  }

  private static HostBatch.Stream gather(
      Function<Shape, HostTensor> memory, Stream stream, int[] examples) {
    int width = stream.spec().width();
    int[] lengths = Arrays.stream(examples).map(stream.rows()::rows).toArray();
    int longest = Arrays.stream(lengths).max().orElse(0);
    int size = Math.multiplyExact(longest, width);
    HostTensor values = memory.apply(Shape.of(examples.length, longest, width));
    // A GPU takes a batch faster than one thread reads it.
    long large = (long) examples.length * size / VALUES_OF_SHARE;
    int shares = (int) Math.min(examples.length, Math.max(1, large));
    try {
      IntStream.range(0, shares)
          .parallel()
          .forEach(
              share -> {
                // One member's rows stay in the caches on their way.
                float[] rows = new float[size];
                int end = (share + 1) * examples.length / shares;
                for (int b = share * examples.length / shares; b < end; b++) {
                  int length = lengths[b] * width;
                  stream.rows().read(examples[b], rows, 0);
                  values.write((long) b * size, rows, 0, length);
                  values.clear((long) b * size + length, size - length);
                }
              });
    } catch (RuntimeException | Error e) {
      values.close();
      throw e;
    }
    return new HostBatch.Stream(stream.spec().name(), values, lengths);
  }

  /** Some examples as one padded batch in the current scope. */
  public Batch batch(Backend backend, int[] chosen) {
    try (HostBatch batch = gather(backend, chosen)) {
      return batch.on(backend);
    }
  }
}
