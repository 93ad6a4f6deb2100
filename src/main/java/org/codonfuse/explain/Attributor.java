package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.Batch;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.training.FusionModel;
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
   * A piece of the path.
   *
   * @param values [stream][position] its attributions
   * @param missed how much these do not add up to the change of the output in it
   */
  private record Piece(double begin, double end, double[][] values, double missed) {}

  /**
   * Attributes the outputs of one sequence.
   *
   * @param sequence one sequence
   * @param baseline the rows that it is compared with, as many
   * @return by output
   */
  List<Attribution> attribute(Batch sequence, Batch baseline) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      EmbeddingPath path = new EmbeddingPath(backend, model, parameters, sequence, baseline);
      double[][] ends = path.outputs(new double[] {0, 1});
      List<Attribution> attributions = new ArrayList<>();
      for (int output = 0; output < ends[0].length; output++) {
        attributions.add(attribution(path, output, ends[0][output], ends[1][output]));
      }
      return attributions;
    }
  }

  private Attribution attribution(
      EmbeddingPath path, int output, double baseline, double prediction) {
    if (method == AttributionMethod.GRADIENT_INPUT) {
      double[][] values = zeros(path);
      add(values, path.gradients(new double[] {1}, output), 0, 1);
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
  private int divideWorst(EmbeddingPath path, int output, List<Piece> pieces) {
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

  private List<Piece> pieces(
      EmbeddingPath path, int output, double[] bounds, GaussIntegrator rule) {
    int count = bounds.length - 1;
    int points = rule.getNumberOfPoints();
    double[] places = new double[count * points];
    for (int piece = 0; piece < count; piece++) {
      for (int i = 0; i < points; i++) {
        places[piece * points + i] =
            bounds[piece] + (bounds[piece + 1] - bounds[piece]) * rule.getPoint(i);
      }
    }
    double[][][] gradients = path.gradients(places, output);
    double[][] outputs = path.outputs(bounds);
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

  private static double[][] zeros(EmbeddingPath path) {
    return Arrays.stream(path.positions()).mapToObj(double[]::new).toArray(double[][]::new);
  }

  private static double[][] total(EmbeddingPath path, List<Piece> pieces) {
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
