package org.codonfuse.training.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One figure of merit of fixed predictions, over any sample of their rows. */
public interface Figure {
  /** Number of rows. */
  int rows();

  /**
   * The figure of a sample.
   *
   * @param sample indices of rows, repetitions included; not kept
   * @return NaN where it is undefined
   */
  double of(int[] sample);

  /** The figure of all rows. */
  default double ofAll() {
    return of(Checks.allRows(rows()));
  }

  /**
   * Spearman's correlation.
   *
   * @param target true values, at least one
   * @param prediction one per target
   */
  static Figure spearman(double[] target, double[] prediction) {
    RegressionSample sample = new RegressionSample(target, prediction);
    return new Figure() {
      @Override
      public int rows() {
        return target.length;
      }

      @Override
      public double of(int[] rows) {
        return sample.spearman(rows);
      }
    };
  }

  /**
   * Spearman's correlation over the rows whose target is known.
   *
   * @param target true values, NaN where one is not known
   * @param prediction one per target
   * @return empty if none is known
   */
  static Optional<Figure> spearmanOfKnown(double[] target, double[] prediction) {
    int[] known =
        IntStream.range(0, target.length).filter(row -> !Double.isNaN(target[row])).toArray();
    if (known.length == 0) {
      return Optional.empty();
    }
    Figure figure =
        spearman(
            Arrays.stream(known).mapToDouble(row -> target[row]).toArray(),
            Arrays.stream(known).mapToDouble(row -> prediction[row]).toArray());
    if (known.length == target.length) {
      return Optional.of(figure);
    }
    int[] places = new int[target.length];
    Arrays.fill(places, -1);
    for (int i = 0; i < known.length; i++) {
      places[known[i]] = i;
    }
    return Optional.of(ofKnown(figure, places));
  }

  /**
   * The share of rows whose class is predicted.
   *
   * @param target class per row, at least one
   * @param predicted one per target
   */
  static Figure accuracy(int[] target, int[] predicted) {
    Checks.sameRows(target.length, predicted.length);
    int[] hit = new int[target.length];
    for (int row = 0; row < hit.length; row++) {
      hit[row] = target[row] == predicted[row] ? 1 : 0;
    }
    return new Figure() {
      @Override
      public int rows() {
        return hit.length;
      }

      @Override
      public double of(int[] rows) {
        int hits = 0;
        for (int row : rows) {
          hits += hit[row];
        }
        return (double) hits / rows.length;
      }
    };
  }

  /**
   * The mean of several figures of the same rows, without those that are undefined.
   *
   * @param figures at least one
   */
  static Figure mean(List<Figure> figures) {
    int rows = figures.getFirst().rows();
    figures.forEach(figure -> Checks.sameRows(figure.rows(), rows));
    return new Figure() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public double of(int[] sample) {
        return figures.stream()
            .mapToDouble(figure -> figure.of(sample))
            .filter(value -> !Double.isNaN(value))
            .average()
            .orElse(Double.NaN);
      }
    };
  }

  /**
   * A figure that only some rows are known for.
   *
   * @param known the figure of those rows
   * @param places of each of all rows its index among the known ones, or −1
   */
  static Figure ofKnown(Figure known, int[] places) {
    return new Figure() {
      @Override
      public int rows() {
        return places.length;
      }

      @Override
      public double of(int[] sample) {
        int[] chosen =
            Arrays.stream(sample).map(row -> places[row]).filter(place -> place >= 0).toArray();
        return chosen.length == 0 ? Double.NaN : known.of(chosen);
      }
    };
  }
}
