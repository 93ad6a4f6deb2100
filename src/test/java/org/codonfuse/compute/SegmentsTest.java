package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentsTest {
  @Test
  void countsSegmentsWithTheEmptyOnes() {
    assertEquals(0, new Segments(new int[] {0}, new int[0], new float[0]).count());
    assertEquals(2, new Segments(new int[] {0, 0, 1}, new int[1], new float[1]).count());
  }

  @Test
  void refusesArraysThatDoNotBelongTogether() {
    refused(new int[0], 0, 0);
    refused(new int[] {1, 1}, 1, 1);
    refused(new int[] {0, 2}, 2, 1);
    refused(new int[] {0, 2, 1}, 1, 1);
    refused(new int[] {0, 1}, 2, 2);
    refused(new int[] {0, 3}, 2, 2);
  }

  @Test
  void joinsSegmentsInOrder() {
    Segments first = new Segments(new int[] {0, 2, 2}, new int[] {4, 1}, new float[] {1, 2});
    Segments none = new Segments(new int[] {0}, new int[0], new float[0]);
    Segments second = new Segments(new int[] {0, 1}, new int[] {7}, new float[] {3});
    Segments joined = Segments.join(List.of(first, none, second));
    assertArrayEquals(new int[] {0, 2, 2, 3}, joined.offsets());
    assertArrayEquals(new int[] {4, 1, 7}, joined.rows());
    assertArrayEquals(new float[] {1, 2, 3}, joined.weights());
    assertEquals(0, Segments.join(List.of()).count());
  }

  private static void refused(int[] offsets, int rows, int weights) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Segments(offsets, new int[rows], new float[weights]));
  }
}
