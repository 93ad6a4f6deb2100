package org.codonfuse.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.embedding.PackedTokens;
import org.codonfuse.fusion.Batch;

/**
 * A padded batch in the host's memory: what can be prepared on a thread without a scope. Owns it;
 * tensors stay when it is closed.
 *
 * @param streams those whose embeddings are known
 * @param live those that encoders compute which are being trained
 * @param codons number of codons of every member
 */
public record HostBatch(List<Stream> streams, List<Live> live, int[] codons)
    implements AutoCloseable {
  /** A batch whose embeddings are all known. */
  public HostBatch(List<Stream> streams, int[] codons) {
    this(streams, List.of(), codons);
  }

  /**
   * One stream of the batch.
   *
   * @param name of the stream
   * @param values [batch, longest, width], zero where there is padding
   * @param lengths number of rows of every member
   */
  public record Stream(String name, HostTensor values, int[] lengths) implements AutoCloseable {
    /** Rows of the member that has most. */
    public int longest() {
      return values.shape().intDim(1);
    }

    /** Width of a row. */
    public int width() {
      return values.shape().intDim(2);
    }

    @Override
    public void close() {
      values.close();
    }
  }

  /**
   * A stream that an encoder computes.
   *
   * @param name of the stream
   * @param tokens what the encoder reads
   */
  public record Live(String name, PackedTokens tokens) {}

  /**
   * The batch as tensors in the current scope, see {@link TunedEncoders} for one with encoders.
   *
   * @throws IllegalStateException if encoders must run first
   */
  public Batch on(Backend backend) {
    if (!live.isEmpty()) {
      throw new IllegalStateException("Encoders compute " + live.getFirst().name);
    }
    return new Batch(known(backend), codons);
  }

  /** The streams whose embeddings are known as tensors in the current scope. */
  Map<String, Batch.Stream> known(Backend backend) {
    Map<String, Batch.Stream> batch = new LinkedHashMap<>();
    for (Stream stream : streams) {
      batch.put(stream.name, new Batch.Stream(backend.tensor(stream.values), stream.lengths));
    }
    return batch;
  }

  /** Equal for batches whose tensors have the same shapes, padding or none. */
  Object form() {
    List<Object> form = new ArrayList<>();
    form.add(List.of(codons.length, Arrays.stream(codons).max().orElse(0), same(codons)));
    streams.forEach(stream -> form.add(List.of(stream.values.shape(), same(stream.lengths))));
    return form;
  }

  private static boolean same(int[] lengths) {
    return Arrays.stream(lengths).distinct().count() <= 1;
  }

  @Override
  public void close() {
    streams.forEach(Stream::close);
  }
}
