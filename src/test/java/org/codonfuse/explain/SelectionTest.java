package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final Selection ALL = new Selection(IntStream.range(0, 1000).toArray(), "all");

  @Test
  void someAreDrawnFromEverywhereInTheirOrder() {
    int[] drawn = ALL.drawn(20, 1);
    assertEquals(20, IntStream.of(drawn).distinct().count());
    assertArrayEquals(IntStream.of(drawn).sorted().toArray(), drawn);
    assertTrue(drawn[0] < 300 && drawn[19] > 700);
    assertArrayEquals(drawn, ALL.drawn(20, 1));
  }

  @Test
  void allAreTakenIfThereAreNoMore() {
    assertArrayEquals(new int[] {3, 7}, new Selection(new int[] {3, 7}, "two").drawn(5, 1));
    assertArrayEquals(new int[0], ALL.drawn(0, 1));
  }
}
