package org.codonfuse.training;

import java.util.Optional;
import java.util.function.IntConsumer;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.fusion.Batch;
import org.codonfuse.parameters.Parameters;

/** Runs a model over examples. A sequence's result does not depend on what it is batched with. */
public final class Predictor {
  private final Backend backend;
  private final FusionModel model;
  private final Optional<TunedEncoders> encoders;
  private final int batchSize;

  /**
   * @param backend computes
   * @param model what to run
   * @param batchSize sequences at a time
   */
  public Predictor(Backend backend, FusionModel model, int batchSize) {
    this(backend, model, Optional.empty(), batchSize);
  }

  /**
   * @param backend computes
   * @param model what to run
   * @param encoders that learn with it, to be run as well
   * @param batchSize sequences at a time
   */
  public Predictor(
      Backend backend, FusionModel model, Optional<TunedEncoders> encoders, int batchSize) {
    this.backend = backend;
    this.model = model;
    this.encoders = encoders;
    this.batchSize = batchSize;
  }

  /** The model's raw outputs [example][output]. */
  public double[][] predict(Parameters parameters, Examples examples) {
    return predict(parameters, examples, _ -> {});
  }

  /**
   * The model's raw outputs.
   *
   * @param done is told the number of examples after each batch of them
   * @return [example][output]
   */
  public double[][] predict(Parameters parameters, Examples examples, IntConsumer done) {
    double[][] outputs = new double[examples.size()][];
    run(
        parameters,
        examples,
        (members, output) -> {
          double[][] rows = rows(output.values());
          for (int b = 0; b < members.length; b++) {
            outputs[members[b]] = rows[b];
          }
          done.accept(members.length);
        });
    return outputs;
  }

  /**
   * The rows of a matrix.
   *
   * @param matrix [rows, width]
   */
  public static double[][] rows(Tensor matrix) {
    float[] values = matrix.toFloats();
    double[][] rows = new double[matrix.shape().intDim(0)][matrix.shape().intDim(1)];
    for (int i = 0; i < values.length; i++) {
      rows[i / rows[0].length][i % rows[0].length] = values[i];
    }
    return rows;
  }

  /** Takes what a model says of a batch. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes one batch.
     *
     * @param members the examples in it
     * @param output valid until this returns
     */
    void accept(int[] members, FusionModel.Output output);
  }

  /**
   * Runs the model over examples, those with fewer codons first.
   *
   * @param sink takes each batch, in a scope for inference
   */
  public void run(Parameters parameters, Examples examples, Sink sink) {
    try (Prefetch<HostBatch> batches =
        new Prefetch<>(Batches.of(examples.byLength(), batchSize), examples::gather)) {
      while (batches.hasNext()) {
        Prefetch.Step<HostBatch> next = batches.next();
        int[] members = next.members();
        try (Scope scope = backend.openScope(Mode.INFERENCE)) {
          Batch batch = on(scope, next.batch(), parameters);
          sink.accept(members, model.forward(backend, parameters, batch));
        }
      }
    }
  }

  private Batch on(Scope scope, HostBatch batch, Parameters parameters) {
    return encoders
        .map(of -> of.embed(parameters, batch, scope, 0).batch())
        .orElseGet(() -> batch.on(backend));
  }
}
