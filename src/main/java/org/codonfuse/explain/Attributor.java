package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;

/**
 * Divides raw outputs of a model among the aligned embeddings of its streams. Where the
 * attributions do not add up, because the path crosses kinks of the head, the pieces of the path in
 * which it happens are divided further: each piece knows what its attributions must add up to. Used
 * by one thread.
 */
final class Attributor {
  /** What may be missed of the difference without a finer division. */
  private static final double GOOD = 0.005;

  private static final int REFINEMENTS = 4;

  /** Pieces that are divided at once, those that miss most. */
  private static final int WORST = 4;

  /** Parts of a divided piece, and how many times fewer points each has. */
  private static final int PARTS = 8;

  private static final int FEWER = 4;

  /** Positions in a batch of points of the path. */
  private static final int POSITIONS_AT_ONCE = 4096;

  private final TrainableBackend backend;
  private final FusionModel model;
  private final Parameters parameters;
  private final AttributionMethod method;
  private final GaussIntegrator coarse;
  private final GaussIntegrator fine;

  /**
   * @param steps points of the whole path
   */
  Attributor(
      TrainableBackend backend,
      FusionModel model,
      Parameters parameters,
      AttributionMethod method,
      int steps) {
    this.backend = backend;
    this.model = model;
    this.parameters = parameters;
    this.method = method;
    this.coarse = new GaussIntegratorFactory().legendre(steps, 0, 1);
    this.fine = new GaussIntegratorFactory().legendre(Math.max(2, steps / FEWER), 0, 1);
  }

  /**
   * The attributions of one raw output.
   *
   * @param values [stream][position], positions being those of {@link
   *     org.codonfuse.fusion.Fusion#align}
   * @param prediction the output
   * @param baseline the output for the baseline
   * @param steps points at which gradients were taken
   */
  record Attribution(double[][] values, double prediction, double baseline, int steps) {
    double sum() {
      return Attributor.sum(values);
    }

    /** How far the sum is from the difference of the outputs, relative to that difference. */
    double gap() {
      double missed = Math.abs(sum() - (prediction - baseline));
      return missed == 0 ? 0 : missed / Math.abs(prediction - baseline);
    }
  }

  /**
   * A piece of the path from the baseline, at 0, to the sequence, at 1.
   *
   * @param values [stream][position] its attributions
   * @param missed how much these do not add up to the change of the output in it
   */
  private record Piece(double begin, double end, double[][] values, double missed) {}

  /** The aligned streams at both ends, each [1, position, width]. */
  private record Path(Batch sequence, List<Tensor> from, List<Tensor> to, List<Tensor> difference) {
    int positions() {
      return to.stream().mapToInt(x -> x.shape().intDim(1)).sum();
    }
  }

  /**
   * Attributes the outputs of one sequence.
   *
   * @param sequence one sequence
   * @param baseline the rows that it is compared with, as many
   * @return by output
   */
  List<Attribution> attribute(Batch sequence, Batch baseline) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Path path = path(sequence, baseline);
      double[][] ends = outputs(path, new double[] {0, 1});
      List<Attribution> attributions = new ArrayList<>();
      for (int output = 0; output < ends[0].length; output++) {
        attributions.add(attribution(path, output, ends[0][output], ends[1][output]));
      }
      return attributions;
    }
  }

  private Path path(Batch sequence, Batch baseline) {
    List<Tensor> from = model.fusion().align(backend, parameters, baseline);
    List<Tensor> to = model.fusion().align(backend, parameters, sequence);
    List<Tensor> difference = new ArrayList<>();
    for (int s = 0; s < to.size(); s++) {
      difference.add(backend.binary(Binary.ADD, to.get(s), backend.affine(from.get(s), -1, 0)));
    }
    return new Path(sequence, from, to, difference);
  }

  private Attribution attribution(Path path, int output, double baseline, double prediction) {
    if (method == AttributionMethod.GRADIENT_INPUT) {
      double[][] values = zeros(path);
      add(values, gradients(path, output, new double[] {1}), 0, 1);
      return new Attribution(values, prediction, baseline, 1);
    }
    List<Piece> pieces = pieces(path, output, new double[] {0, 1}, coarse);
    int steps = coarse.getNumberOfPoints();
    for (int i = 0; ; i++) {
      Attribution attribution = new Attribution(total(path, pieces), prediction, baseline, steps);
      double missed = pieces.stream().mapToDouble(piece -> Math.abs(piece.missed)).sum();
      if (!(missed > GOOD * Math.abs(prediction - baseline)) || i == REFINEMENTS) {
        return attribution;
      }
      steps += divideWorst(path, output, pieces);
    }
  }

  /**
   * @return points that were added
   */
  private int divideWorst(Path path, int output, List<Piece> pieces) {
    pieces.sort(Comparator.comparingDouble(piece -> -Math.abs(piece.missed)));
    List<Piece> worst = List.copyOf(pieces.subList(0, Math.min(WORST, pieces.size())));
    pieces.removeAll(worst);
    for (Piece piece : worst) {
      double[] bounds = new double[PARTS + 1];
      for (int i = 0; i <= PARTS; i++) {
        bounds[i] = piece.begin + (piece.end - piece.begin) * i / PARTS;
      }
      pieces.addAll(pieces(path, output, bounds, fine));
    }
    return worst.size() * PARTS * fine.getNumberOfPoints();
  }

  private List<Piece> pieces(Path path, int output, double[] bounds, GaussIntegrator rule) {
    int count = bounds.length - 1;
    int points = rule.getNumberOfPoints();
    double[] places = new double[count * points];
    for (int piece = 0; piece < count; piece++) {
      for (int i = 0; i < points; i++) {
        places[piece * points + i] =
            bounds[piece] + (bounds[piece + 1] - bounds[piece]) * rule.getPoint(i);
      }
    }
    double[][][] gradients = gradients(path, output, places);
    double[][] outputs = outputs(path, bounds);
    List<Piece> pieces = new ArrayList<>();
    for (int piece = 0; piece < count; piece++) {
      double[][] values = zeros(path);
      double length = bounds[piece + 1] - bounds[piece];
      for (int i = 0; i < points; i++) {
        add(values, gradients, piece * points + i, length * rule.getWeight(i));
      }
      double change = outputs[piece + 1][output] - outputs[piece][output];
      pieces.add(new Piece(bounds[piece], bounds[piece + 1], values, sum(values) - change));
    }
    return pieces;
  }

  /** All outputs [place][output] at places of the path. */
  private double[][] outputs(Path path, double[] places) {
    double[][] outputs = new double[places.length][];
    forEachBatch(
        path,
        places,
        Mode.INFERENCE,
        (first, inputs, output) -> {
          double[][] rows = Predictor.rows(output);
          System.arraycopy(rows, 0, outputs, first, rows.length);
        });
    return outputs;
  }

  /** [stream][place][position]: the gradient of an output times the difference of the ends. */
  private double[][][] gradients(Path path, int output, double[] places) {
    double[][][] products = new double[path.to.size()][places.length][];
    forEachBatch(
        path,
        places,
        Mode.GRADIENT,
        (first, inputs, outputs) -> {
          int count = outputs.shape().intDim(0);
          Tensor wanted = backend.reshape(backend.narrow(outputs, 1, output, 1), Shape.of(count));
          backend.backward(backend.sum(wanted, 0));
          for (int s = 0; s < products.length; s++) {
            int positions = path.to.get(s).shape().intDim(1);
            float[] values = product(backend.gradient(inputs.get(s)), path.difference.get(s));
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

  private void forEachBatch(Path path, double[] places, Mode mode, Sink sink) {
    int atOnce = Math.max(1, POSITIONS_AT_ONCE / Math.max(1, path.positions()));
    for (int first = 0; first < places.length; first += atOnce) {
      int count = Math.min(atOnce, places.length - first);
      float[] some = new float[count];
      for (int i = 0; i < count; i++) {
        some[i] = (float) places[first + i];
      }
      try (Scope _ = backend.openScope(mode)) {
        Tensor place = backend.tensor(some, Shape.of(count, 1, 1));
        List<Tensor> inputs = new ArrayList<>();
        for (int s = 0; s < path.to.size(); s++) {
          Tensor moved = backend.binary(Binary.MULTIPLY, path.difference.get(s), place);
          Tensor input = backend.binary(Binary.ADD, path.from.get(s), moved);
          inputs.add(mode == Mode.INFERENCE ? input : backend.parameter(input));
        }
        Fused fused =
            model.fusion().fuse(backend, parameters, repeated(path.sequence, count), inputs);
        sink.accept(first, inputs, model.head().forward(backend, parameters, fused));
      }
    }
  }

  /** The lengths of one sequence several times; fusing reads nothing else of a batch. */
  private Batch repeated(Batch sequence, int count) {
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

  private static double[][] zeros(Path path) {
    return path.to.stream().map(x -> new double[x.shape().intDim(1)]).toArray(double[][]::new);
  }

  private static double[][] total(Path path, List<Piece> pieces) {
    double[][] total = zeros(path);
    for (Piece piece : pieces) {
      for (int s = 0; s < total.length; s++) {
        for (int t = 0; t < total[s].length; t++) {
          total[s][t] += piece.values[s][t];
        }
      }
    }
    return total;
  }

  private static void add(double[][] values, double[][][] gradients, int point, double weight) {
    for (int s = 0; s < values.length; s++) {
      for (int t = 0; t < values[s].length; t++) {
        values[s][t] += weight * gradients[s][point][t];
      }
    }
  }

  private static double sum(double[][] values) {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).sum();
  }
}
