package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

  private static void refused(int[] offsets, int rows, int weights) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Segments(offsets, new int[rows], new float[weights]));
  }
}
