package org.codonfuse.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.fusion.Batch;

/**
 * A padded batch in Java's memory: what can be prepared on a thread without a scope.
 *
 * @param streams its streams
 * @param codons number of codons of every member
 */
public record HostBatch(List<Stream> streams, int[] codons) {
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

  /** The batch as tensors in the current scope. */
  public Batch on(Backend backend) {
    Map<String, Batch.Stream> batch = new LinkedHashMap<>();
    for (Stream stream : streams) {
      Shape shape = Shape.of(codons.length, stream.longest, stream.width);
      batch.put(
          stream.name, new Batch.Stream(backend.tensor(stream.values, shape), stream.lengths));
    }
    return new Batch(batch, codons);
  }
}
