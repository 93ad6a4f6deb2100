package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * True positives against false positives as the threshold falls.
 *
 * @param x false positive rates, from 0 to 1
 * @param y true positive rates
 * @param area under the curve, ties counting half
 */
record RocCurve(double[] x, double[] y, double area) {
  /**
   * The curve.
   *
   * @param scores of each row
   * @param positive whether it belongs to the class
   * @return empty if all rows do, or none
   */
  static Optional<RocCurve> of(double[] scores, List<Boolean> positive) {
    long positives = positive.stream().filter(is -> is).count();
    long negatives = scores.length - positives;
    if (positives == 0 || negatives == 0) {
      return Optional.empty();
    }
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer row) -> scores[row]).reversed())
            .mapToInt(row -> row)
            .toArray();
    List<double[]> points = new ArrayList<>(List.of(new double[2]));
    double area = 0;
    long right = 0;
    long up = 0;
    for (int i = 0; i < order.length; ) {
      double score = scores[order[i]];
      double[] before = points.getLast();
      for (; i < order.length && Double.compare(scores[order[i]], score) == 0; i++) {
        if (positive.get(order[i])) {
          up++;
        } else {
          right++;
        }
      }
      double[] point = {(double) right / negatives, (double) up / positives};
      area += (point[0] - before[0]) * (point[1] + before[1]) / 2;
      points.add(point);
    }
    List<double[]> corners =
        IntStream.range(0, points.size())
            .filter(i -> !isOnTheWay(points, i))
            .mapToObj(points::get)
            .toList();
    return Optional.of(
        new RocCurve(
            corners.stream().mapToDouble(point -> point[0]).toArray(),
            corners.stream().mapToDouble(point -> point[1]).toArray(),
            area));
  }

  /** Whether the curve goes straight up or straight on through a point. */
  private static boolean isOnTheWay(List<double[]> points, int i) {
    if (i == 0 || i == points.size() - 1) {
      return false;
    }
    double[] before = points.get(i - 1);
    double[] point = points.get(i);
    double[] after = points.get(i + 1);
    return (before[0] == point[0] && point[0] == after[0])
        || (before[1] == point[1] && point[1] == after[1]);
  }
}
