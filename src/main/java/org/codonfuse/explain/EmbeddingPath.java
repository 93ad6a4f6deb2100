package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.Fused;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.Predictor;

/**
 * The straight line from the aligned embeddings of a baseline, at 0, to those of a sequence, at 1,
 * and what a model makes of places on it. Its tensors live in the scope in which it was made. Used
 * by one thread.
 */
final class EmbeddingPath {
  /** Positions in a batch of places. */
  private static final int POSITIONS_AT_ONCE = 4096;

  private final TrainableBackend backend;
  private final FusionModel model;
  private final Parameters parameters;
  private final Batch sequence;

  /** By stream [1, position, width]. */
  private final List<Tensor> from;

  private final List<Tensor> difference;

  /**
   * @param sequence one sequence
   * @param baseline the rows that it is compared with, as many
   */
  EmbeddingPath(
      TrainableBackend backend,
      FusionModel model,
      Parameters parameters,
      Batch sequence,
      Batch baseline) {
    this.backend = backend;
    this.model = model;
    this.parameters = parameters;
    this.sequence = sequence;
    this.from = model.fusion().align(backend, parameters, baseline);
    List<Tensor> to = model.fusion().align(backend, parameters, sequence);
    this.difference = new ArrayList<>();
    for (int s = 0; s < to.size(); s++) {
      difference.add(backend.binary(Binary.ADD, to.get(s), backend.affine(from.get(s), -1, 0)));
    }
  }

  /** The number of positions of every stream. */
  int[] positions() {
    return from.stream().mapToInt(x -> x.shape().intDim(1)).toArray();
  }

  /** All outputs [place][output] at places of the path. */
  double[][] outputs(double[] places) {
    double[][] outputs = new double[places.length][];
    forEachBatch(
        places,
        Mode.INFERENCE,
        (first, inputs, output) -> {
          double[][] rows = Predictor.rows(output);
          System.arraycopy(rows, 0, outputs, first, rows.length);
        });
    return outputs;
  }

  /** [stream][place][position]: the gradient of an output times the difference of the ends. */
  double[][][] gradients(double[] places, int output) {
    double[][][] products = new double[from.size()][places.length][];
    forEachBatch(
        places,
        Mode.GRADIENT,
        (first, inputs, outputs) -> {
          int count = outputs.shape().intDim(0);
          Tensor wanted = backend.reshape(backend.narrow(outputs, 1, output, 1), Shape.of(count));
          backend.backward(backend.sum(wanted, 0));
          for (int s = 0; s < products.length; s++) {
            int positions = from.get(s).shape().intDim(1);
            float[] values = product(backend.gradient(inputs.get(s)), difference.get(s));
            for (int i = 0; i < count; i++) {
              double[] row = new double[positions];
              for (int t = 0; t < positions && values.length > 0; t++) {
                row[t] = values[i * positions + t];
              }
              products[s][first + i] = row;
            }
          }
        });
    return products;
  }

  /** Nothing where the output does not depend on a stream. */
  private float[] product(Optional<Tensor> gradient, Tensor difference) {
    if (gradient.isEmpty()) {
      return new float[0];
    }
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      return backend.sum(backend.binary(Binary.MULTIPLY, gradient.get(), difference), 2).toFloats();
    }
  }

  @FunctionalInterface
  private interface Sink {
    /**
     * @param first which of the places is the first of the batch
     * @param inputs the streams at the places
     * @param outputs [place, output]
     */
    void accept(int first, List<Tensor> inputs, Tensor outputs);
  }

  private void forEachBatch(double[] places, Mode mode, Sink sink) {
    int atOnce = Math.max(1, POSITIONS_AT_ONCE / Math.max(1, Arrays.stream(positions()).sum()));
    for (int first = 0; first < places.length; first += atOnce) {
      int count = Math.min(atOnce, places.length - first);
      float[] some = new float[count];
      for (int i = 0; i < count; i++) {
        some[i] = (float) places[first + i];
      }
      try (Scope _ = backend.openScope(mode)) {
        Tensor place = backend.tensor(some, Shape.of(count, 1, 1));
        List<Tensor> inputs = new ArrayList<>();
        for (int s = 0; s < from.size(); s++) {
          Tensor moved = backend.binary(Binary.MULTIPLY, difference.get(s), place);
          Tensor input = backend.binary(Binary.ADD, from.get(s), moved);
          inputs.add(mode == Mode.INFERENCE ? input : backend.parameter(input));
        }
        Fused fused = model.fusion().fuse(backend, parameters, repeated(count), inputs);
        sink.accept(first, inputs, model.head().forward(backend, parameters, fused));
      }
    }
  }

  /** The lengths of one sequence several times; fusing reads nothing else of a batch. */
  private Batch repeated(int count) {
    Map<String, Batch.Stream> streams = new LinkedHashMap<>();
    for (StreamSpec stream : model.fusion().streams()) {
      Batch.Stream of = sequence.streams().get(stream.name());
      streams.put(stream.name(), new Batch.Stream(of.values(), repeated(of.lengths()[0], count)));
    }
    return new Batch(streams, repeated(sequence.codons()[0], count));
  }

  private static int[] repeated(int value, int count) {
    int[] values = new int[count];
    Arrays.fill(values, value);
    return values;
  }
}
