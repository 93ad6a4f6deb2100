package org.codonfuse.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.embedding.PackedTokens;
import org.codonfuse.fusion.Batch;

/**
 * A padded batch in Java's memory: what can be prepared on a thread without a scope.
 *
 * @param streams those whose embeddings are known
 * @param live those that encoders compute which are being trained
 * @param codons number of codons of every member
 */
public record HostBatch(List<Stream> streams, List<Live> live, int[] codons) {
  /** A batch whose embeddings are all known. */
  public HostBatch(List<Stream> streams, int[] codons) {
    this(streams, List.of(), codons);
  }

  /**
   * One stream of the batch.
   *
   * @param name of the stream
   * @param values [batch · longest · width] in row-major order, zero where there is padding
   * @param longest rows of the member that has most
   * @param width of a row
   * @param lengths number of rows of every member
   */
  public record Stream(String name, float[] values, int longest, int width, int[] lengths) {}

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
      Shape shape = Shape.of(codons.length, stream.longest, stream.width);
      batch.put(
          stream.name, new Batch.Stream(backend.tensor(stream.values, shape), stream.lengths));
    }
    return batch;
  }
}
