package org.codonfuse.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.codonfuse.Seeds;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.PackedTokens;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.fusion.Batch;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * The encoders that learn with a model, in one graph with it, each by the stream that it computes.
 * Owns them. Used by one thread.
 */
public final class TunedEncoders implements AutoCloseable {
  private final TrainableBackend backend;
  private final SequencedMap<String, TrainableEncoder> encoders;

  /**
   * @param backend computes and differentiates
   * @param encoders by the stream's name
   */
  public TunedEncoders(TrainableBackend backend, SequencedMap<String, TrainableEncoder> encoders) {
    this.backend = backend;
    this.encoders = new LinkedHashMap<>(encoders);
  }

  /** No encoder learns. */
  public static TunedEncoders none(TrainableBackend backend) {
    return new TunedEncoders(backend, new LinkedHashMap<>());
  }

  /**
   * A batch with the embeddings that encoders made of it.
   *
   * @param batch in the scope that was current
   * @param passes of the encoders through it
   */
  public record Embedded(Batch batch, List<TrainableEncoder.Pass> passes) {
    /** Brings gradients back into the encoders, after those of the loss were computed. */
    void backward() {
      passes.forEach(TrainableEncoder.Pass::backward);
    }
  }

  /** The encoders by the name of the stream that they compute. */
  public SequencedMap<String, TrainableEncoder> encoders() {
    return encoders;
  }

  /** What they learn. */
  public List<ParameterSpec> parameters() {
    return encoders.values().stream().flatMap(e -> e.parameters().stream()).toList();
  }

  /** Whether a parameter is one of theirs. */
  boolean learns(String parameter) {
    return encoders.values().stream()
        .anyMatch(encoder -> parameter.startsWith(encoder.settings().prefix()));
  }

  /**
   * Runs them.
   *
   * @param scope the current one
   * @param seed of dropout, the model's behind them included
   */
  Embedded embed(Parameters parameters, HostBatch batch, Scope scope, long seed) {
    Map<String, Batch.Stream> streams = batch.known(backend);
    List<TrainableEncoder.Pass> passes = new ArrayList<>();
    for (HostBatch.Live live : batch.live()) {
      TrainableEncoder.Pass pass =
          encoders
              .get(live.name())
              .forward(
                  parameters,
                  live.tokens().sequences(),
                  scope.mode(),
                  scope.products(),
                  Seeds.mix(seed, passes.size()));
      passes.add(pass);
      streams.put(live.name(), padded(pass.hidden(), live.tokens()));
    }
    if (!passes.isEmpty() && scope.mode() == Mode.TRAINING) {
      backend.seed(Seeds.mix(seed, passes.size()));
    }
    return new Embedded(new Batch(streams, batch.codons()), passes);
  }

  private Batch.Stream padded(Tensor hidden, PackedTokens tokens) {
    int members = tokens.lengths().length;
    Tensor rows = backend.segmentSum(hidden, tokens.rows());
    return new Batch.Stream(
        backend.reshape(rows, Shape.of(members, tokens.longest(), hidden.shape().dim(1))),
        tokens.lengths());
  }

  @Override
  public void close() {
    encoders.values().forEach(TrainableEncoder::close);
    encoders.clear();
  }
}
