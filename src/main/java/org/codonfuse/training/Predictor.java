package org.codonfuse.training;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.fusion.Batch;
import org.codonfuse.parameters.Parameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a model over examples. A sequence's result does not depend on what it is batched with. */
public final class Predictor {
  private static final Logger LOG = LoggerFactory.getLogger(Predictor.class);

  private final Backend backend;
  private final FusionModel model;
  private final Optional<TunedEncoders> encoders;
  private final int batchSize;
  private final ProcessGroup group;

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
    this(backend, model, encoders, batchSize, ProcessGroup.alone());
  }

  /**
   * @param group processes that {@link #predict} shares the batches among; each has all outputs in
   *     the end
   */
  public Predictor(
      Backend backend,
      FusionModel model,
      Optional<TunedEncoders> encoders,
      int batchSize,
      ProcessGroup group) {
    this.group = group;
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
    List<int[]> all = batches(examples);
    run(
        parameters,
        examples,
        ofThisProcess(all),
        (members, output) -> {
          double[][] rows = rows(output.values());
          for (int b = 0; b < members.length; b++) {
            outputs[members[b]] = rows[b];
          }
          done.accept(members.length);
        });
    shareOutputs(outputs);
    return outputs;
  }

  private List<int[]> batches(Examples examples) {
    return Batches.of(examples.byLength(), batchSize);
  }

  private List<int[]> ofThisProcess(List<int[]> batches) {
    return IntStream.range(0, batches.size())
        .filter(b -> b % group.size() == group.rank())
        .mapToObj(batches::get)
        .toList();
  }

  /** Every example's outputs are computed by one process, so that sums are exact. */
  private void shareOutputs(double[][] outputs) {
    if (group.size() == 1 || outputs.length == 0) {
      return;
    }
    // The first batch is the first process's.
    double[] widths = {
      group.rank() == 0
          ? Arrays.stream(outputs).filter(Objects::nonNull).findFirst().orElseThrow().length
          : 0
    };
    group.sum(widths);
    int width = (int) widths[0];
    double[] flat = new double[outputs.length * width];
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] != null) {
        System.arraycopy(outputs[i], 0, flat, i * width, width);
      }
    }
    group.sum(flat);
    Arrays.setAll(outputs, i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width));
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
   * Runs the model over examples, those with fewer codons first, in this process alone.
   *
   * @param sink takes each batch, in a scope for inference
   */
  public void run(Parameters parameters, Examples examples, Sink sink) {
    run(parameters, examples, batches(examples), sink);
  }

  private void run(Parameters parameters, Examples examples, List<int[]> wanted, Sink sink) {
    new Run(parameters, examples, sink).all(wanted);
  }

  /** One pass over examples. Where memory does not suffice for a batch, all get smaller. */
  private final class Run {
    private final Parameters parameters;
    private final Examples examples;
    private final Sink sink;
    private int most = batchSize;

    Run(Parameters parameters, Examples examples, Sink sink) {
      this.parameters = parameters;
      this.examples = examples;
      this.sink = sink;
    }

    void all(List<int[]> wanted) {
      try (Prefetch<HostBatch> batches =
          new Prefetch<>(wanted, members -> examples.gather(backend, members), HostBatch::close)) {
        while (batches.hasNext()) {
          Prefetch.Step<HostBatch> next = batches.next();
          boolean done;
          try (HostBatch batch = next.batch()) {
            done = next.members().length <= most && fits(next.members(), batch);
          }
          if (!done) {
            divided(next.members());
          }
        }
      }
    }

    private void divided(int[] members) {
      for (int from = 0; from < members.length; ) {
        int[] piece = Arrays.copyOfRange(members, from, Math.min(from + most, members.length));
        try (HostBatch batch = examples.gather(backend, piece)) {
          if (fits(piece, batch)) {
            from += piece.length;
          }
        }
      }
    }

    /** Whether memory sufficed for a batch, which was handed over then. */
    private boolean fits(int[] members, HostBatch batch) {
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        FusionModel.Output output;
        try {
          output = model.forward(backend, parameters, on(scope, batch, parameters));
        } catch (DeviceException e) {
          shrink(members.length, e);
          return false;
        }
        sink.accept(members, output);
        return true;
      }
    }

    private void shrink(int size, DeviceException failure) {
      if (failure.kind() != DeviceException.Kind.OUT_OF_MEMORY || size == 1) {
        throw failure;
      }
      if (most == batchSize) {
        LOG.warn("Out of memory with {} sequences; batches are smaller from here on.", size);
      }
      LOG.debug("Out of memory with {} sequences", size, failure);
      most = size / 2;
    }
  }

  private Batch on(Scope scope, HostBatch batch, Parameters parameters) {
    return encoders
        .map(of -> of.embed(parameters, batch, scope, 0).batch())
        .orElseGet(() -> batch.on(backend));
  }
}
