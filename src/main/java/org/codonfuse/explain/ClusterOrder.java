package org.codonfuse.explain;

import com.apporiented.algorithm.clustering.AverageLinkageStrategy;
import com.apporiented.algorithm.clustering.Cluster;
import com.apporiented.algorithm.clustering.DefaultClusteringAlgorithm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The order of rows in a heatmap that brings similar ones together: the leaves of the tree of
 * hierarchical clustering (average linkage of Euclidean distances), at every fork the branch with
 * the larger mean first.
 */
public final class ClusterOrder {
  private ClusterOrder() {}

  /**
   * Orders rows.
   *
   * @param rows [row][column]; NaN where nothing is known: such columns do not count in the
   *     distance of two rows, and rows without any value come last
   * @return the rows in their new order
   */
  public static int[] of(double[][] rows) {
    int[] known =
        IntStream.range(0, rows.length).filter(i -> !Double.isNaN(mean(rows[i]))).toArray();
    List<Integer> order = new ArrayList<>();
    if (known.length < 2) {
      Arrays.stream(known).forEach(order::add);
    } else {
      // Names tell the library clusters apart.
      String[] names = Arrays.stream(known).mapToObj(Integer::toString).toArray(String[]::new);
      Cluster root =
          new DefaultClusteringAlgorithm()
              .performClustering(distances(rows, known), names, new AverageLinkageStrategy());
      leaves(rows, root).forEach(leaf -> order.add(leaf));
    }
    IntStream.range(0, rows.length).filter(i -> !order.contains(i)).forEach(order::add);
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Integer> leaves(double[][] rows, Cluster cluster) {
    if (cluster.isLeaf()) {
      return List.of(Integer.valueOf(cluster.getName()));
    }
    return cluster.getChildren().stream()
        .map(child -> leaves(rows, child))
        .sorted(
            Comparator.comparingDouble(
                    (List<Integer> leaves) ->
                        -leaves.stream().mapToDouble(i -> mean(rows[i])).average().orElseThrow())
                .thenComparing(List::getFirst))
        .flatMap(List::stream)
        .toList();
  }

  private static double mean(double[] row) {
    return Arrays.stream(row).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
  }

  private static double[][] distances(double[][] rows, int[] known) {
    double[][] distances = new double[known.length][known.length];
    double largest = 0;
    for (int i = 0; i < known.length; i++) {
      for (int j = 0; j < i; j++) {
        double distance = distance(rows[known[i]], rows[known[j]]);
        distances[i][j] = distance;
        distances[j][i] = distance;
        largest = Math.max(largest, Double.isNaN(distance) ? 0 : distance);
      }
    }
    double unknown = largest;
    for (double[] row : distances) {
      Arrays.setAll(row, j -> Double.isNaN(row[j]) ? unknown : row[j]);
    }
    return distances;
  }

  /** Root mean square difference in the columns that both know; NaN where there is none. */
  private static double distance(double[] a, double[] b) {
    return Math.sqrt(
        IntStream.range(0, a.length)
            .mapToDouble(c -> (a[c] - b[c]) * (a[c] - b[c]))
            .filter(v -> !Double.isNaN(v))
            .average()
            .orElse(Double.NaN));
  }
}
