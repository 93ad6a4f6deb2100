package org.codonfuse.explain;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.hipparchus.linear.BlockRealMatrix;
import org.hipparchus.linear.DependentVectorsHandler;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * The directions in which embeddings vary most, by subspace iteration from a random start (Halko,
 * Martinsson and Tropp 2011): of 1280 directions 50 are wanted, and the full decomposition takes a
 * quarter of a minute. A component points to where its largest loading is positive.
 *
 * @param scores [row][component], centred
 * @param explained the part of the total variance by component; 0 where nothing varies
 */
record PrincipalComponents(double[][] scores, double[] explained) {
  /** Directions that are iterated beyond those wanted, which makes those converge. */
  private static final int SPARE = 10;

  private static final int MOST_PASSES = 50;

  /** Relative change of the first variances at which they have converged. */
  private static final double CONVERGED = 1e-10;

  private static final double SYMMETRY = 1e-9;

  /**
   * @param rows [row][feature], finite
   * @param wanted number of components; there are fewer where there are fewer rows or features
   */
  static PrincipalComponents of(float[][] rows, int wanted) {
    int features = rows[0].length;
    RealMatrix centred = new BlockRealMatrix(centred(rows));
    double total = 0;
    for (int i = 0; i < rows.length; i++) {
      total += Arrays.stream(centred.getRow(i)).map(v -> v * v).sum();
    }
    int components = Math.min(wanted, Math.min(rows.length, features));
    if (total == 0) {
      return new PrincipalComponents(new double[rows.length][components], new double[components]);
    }
    int directions = Math.min(wanted + SPARE, Math.min(rows.length, features));
    // Scaled to a variance of 1, so that thresholds do not depend on the unit of embeddings.
    centred = centred.scalarMultiply(1 / Math.sqrt(total));
    RealMatrix basis = orthonormal(centred.transpose().multiply(start(rows.length, directions)));
    RealMatrix projected = centred.multiply(basis);
    Spectrum spectrum = Spectrum.of(projected);
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      basis = orthonormal(centred.transposeMultiply(projected));
      projected = centred.multiply(basis);
      Spectrum next = Spectrum.of(projected);
      boolean converged = next.near(spectrum);
      spectrum = next;
      if (converged) {
        break;
      }
    }
    return oriented(
        spectrum,
        basis.multiply(spectrum.rotation),
        projected.multiply(spectrum.rotation).scalarMultiply(Math.sqrt(total)),
        components);
  }

  private static PrincipalComponents oriented(
      Spectrum spectrum, RealMatrix loadings, RealMatrix projected, int components) {
    double[][] scores = new double[projected.getRowDimension()][components];
    for (int c = 0; c < components; c++) {
      double largest = 0;
      for (double loading : loadings.getColumn(c)) {
        largest = Math.abs(loading) > Math.abs(largest) ? loading : largest;
      }
      for (int i = 0; i < scores.length; i++) {
        scores[i][c] = Math.copySign(1, largest) * projected.getEntry(i, c);
      }
    }
    return new PrincipalComponents(scores, Arrays.copyOf(spectrum.variances, components));
  }

  private static double[][] centred(float[][] rows) {
    double[] means = new double[rows[0].length];
    for (int f = 0; f < means.length; f++) {
      int feature = f;
      means[f] = Arrays.stream(rows).mapToDouble(row -> row[feature]).average().orElseThrow();
    }
    return Arrays.stream(rows)
        .map(row -> IntStream.range(0, means.length).mapToDouble(f -> row[f] - means[f]).toArray())
        .toArray(double[][]::new);
  }

  private static RealMatrix start(int rows, int columns) {
    Random random = new Random(0);
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      Arrays.setAll(row, _ -> random.nextGaussian());
    }
    return new BlockRealMatrix(values);
  }

  private static RealMatrix orthonormal(RealMatrix directions) {
    RealMatrix basis =
        new BlockRealMatrix(directions.getRowDimension(), directions.getColumnDimension());
    int column = 0;
    for (RealVector vector :
        MatrixUtils.orthonormalize(
            IntStream.range(0, directions.getColumnDimension())
                .mapToObj(directions::getColumnVector)
                .toList(),
            1e-14,
            DependentVectorsHandler.ADD_ZERO_VECTOR)) {
      basis.setColumnVector(column++, vector);
    }
    return basis;
  }

  /**
   * The variances within a subspace.
   *
   * @param variances the largest first, as parts of the total
   * @param rotation [direction, component] from the subspace to its components
   */
  private record Spectrum(double[] variances, RealMatrix rotation) {
    static Spectrum of(RealMatrix projected) {
      EigenDecompositionSymmetric eigen =
          new EigenDecompositionSymmetric(projected.transposeMultiply(projected), SYMMETRY, true);
      return new Spectrum(
          Arrays.stream(eigen.getEigenvalues()).map(v -> Math.max(0, v)).toArray(), eigen.getV());
    }

    boolean near(Spectrum other) {
      for (int c = 0; c < Math.min(EmbeddingMap.DIMENSIONS, variances.length); c++) {
        if (Math.abs(variances[c] - other.variances[c]) > CONVERGED * variances[c]) {
          return false;
        }
      }
      return true;
    }
  }
}
