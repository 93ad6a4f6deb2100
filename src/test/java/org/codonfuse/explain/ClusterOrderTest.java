package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterOrderTest {
  @Test
  void similarRowsStandTogetherAndLargeOnesFirst() {
    double[][] rows = {{-1, -1.2}, {2, 2.1}, {-1.1, -1}, {2.2, 2}, {0.1, 0}};
    assertArrayEquals(new int[] {1, 3, 4, 0, 2}, sortedPairs(ClusterOrder.of(rows)));
  }

  /** The order within the two pairs is by means; here only who stands with whom is of interest. */
  private static int[] sortedPairs(int[] order) {
    int[] sorted = order.clone();
    Arrays.sort(sorted, 0, 2);
    Arrays.sort(sorted, 3, 5);
    return sorted;
  }

  @Test
  void unknownColumnsDoNotCountAndEmptyRowsComeLast() {
    double nan = Double.NaN;
    double[][] rows = {{nan, nan, nan}, {5, 5, nan}, {-5, nan, -5}, {nan, 5, 4}, {-5, -5, nan}};
    int[] order = ClusterOrder.of(rows);
    assertEquals(0, order[4]);
    assertArrayEquals(new int[] {1, 3}, Arrays.stream(order, 0, 2).sorted().toArray());
  }

  @Test
  void anyNumberOfRowsIsOrdered() {
    assertArrayEquals(new int[0], ClusterOrder.of(new double[0][]));
    assertArrayEquals(new int[] {0}, ClusterOrder.of(new double[][] {{1}}));
    assertArrayEquals(new int[] {0}, ClusterOrder.of(new double[][] {{Double.NaN}}));
    double[][] rows =
        new Random(1).doubles(64).mapToObj(v -> new double[] {v, -v}).toArray(double[][]::new);
    rows[7] = rows[8];
    int[] order = ClusterOrder.of(rows);
    assertArrayEquals(IntStream.range(0, 64).toArray(), Arrays.stream(order).sorted().toArray());
    assertArrayEquals(order, ClusterOrder.of(rows));
    int[] equal = ClusterOrder.of(new double[5][2]);
    assertArrayEquals(IntStream.range(0, 5).toArray(), Arrays.stream(equal).sorted().toArray());
  }
}
