package org.codonfuse.explain;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.IntConsumer;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.Fused;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.training.Examples;

/** Means of embeddings over the positions of a sequence: one point per sequence. */
public final class PooledEmbeddings {
  /** The name of what a fusion makes of all its streams. */
  public static final String FUSED = "fused";

  private final Backend backend;
  private final Fusion fusion;
  private final int batchSize;

  /**
   * @param backend computes
   * @param fusion whose streams and result are pooled
   * @param batchSize sequences at a time
   */
  public PooledEmbeddings(Backend backend, Fusion fusion, int batchSize) {
    this.backend = backend;
    this.fusion = fusion;
    this.batchSize = batchSize;
  }

  /**
   * Pools every stream as its encoder made it, and with several of them also what the fusion makes
   * of them.
   *
   * @param parameters of the fusion
   * @param done is told the number of examples after each batch of them
   * @return [example][width] by stream, {@link #FUSED} last
   */
  public SequencedMap<String, float[][]> pool(
      Parameters parameters, Examples examples, IntConsumer done) {
    List<StreamSpec> streams = fusion.streams();
    SequencedMap<String, float[][]> pooled = new LinkedHashMap<>();
    streams.forEach(stream -> pooled.put(stream.name(), new float[examples.size()][]));
    boolean fuses = streams.size() > 1;
    if (fuses) {
      pooled.put(FUSED, new float[examples.size()][]);
    }
    int[] order = examples.byLength();
    for (int first = 0; first < order.length; first += batchSize) {
      int[] members = Arrays.copyOfRange(order, first, Math.min(order.length, first + batchSize));
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        Batch batch = examples.batch(backend, members);
        for (StreamSpec stream : streams) {
          Batch.Stream rows = batch.streams().get(stream.name());
          int longest = rows.values().shape().intDim(1);
          put(
              backend.maskedMean(rows.values(), backend.mask(rows.lengths(), longest)),
              members,
              pooled.get(stream.name()));
        }
        if (fuses) {
          Fused fused = fusion.forward(backend, parameters, batch);
          put(backend.maskedMean(fused.embedding(), fused.mask()), members, pooled.get(FUSED));
        }
      }
      done.accept(members.length);
    }
    return pooled;
  }

  /** Puts the rows of means [batch, width] where their examples are. */
  private static void put(Tensor means, int[] members, float[][] pooled) {
    float[] values = means.toFloats();
    int width = means.shape().intDim(1);
    for (int b = 0; b < members.length; b++) {
      pooled[members[b]] = Arrays.copyOfRange(values, b * width, (b + 1) * width);
    }
  }
}
