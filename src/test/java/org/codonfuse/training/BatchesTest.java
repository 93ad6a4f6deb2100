package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
  private static final int SIZE = 103;

  /** Lengths 1 to 103 in an order that has nothing to do with them. */
  private static int length(int example) {
    return 1 + example * 37 % SIZE;
  }

  private static List<int[]> random(boolean bucket, long seed) {
    return Batches.random(SIZE, BatchesTest::length, 10, bucket, new SplittableRandom(seed));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyExampleIsInOneBatch(boolean bucket) {
    List<int[]> batches = random(bucket, 1);

    assertEquals(11, batches.size());
    assertTrue(batches.stream().allMatch(batch -> batch.length == 10 || batch.length == 3));
    assertArrayEquals(
        IntStream.range(0, SIZE).toArray(),
        batches.stream().flatMapToInt(Arrays::stream).sorted().toArray());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theSeedDecides(boolean bucket) {
    int[][][] drawn = new int[3][][];
    for (int i = 0; i < 3; i++) {
      drawn[i] = random(bucket, i / 2).toArray(int[][]::new);
    }
    assertTrue(Arrays.deepEquals(drawn[0], drawn[1]));
    assertFalse(Arrays.deepEquals(drawn[0], drawn[2]));
  }

  @Test
  void bucketsAreOfSimilarLengthInRandomOrder() {
    List<int[]> batches = random(true, 1);
    int[] longest =
        batches.stream()
            .mapToInt(batch -> Arrays.stream(batch).map(BatchesTest::length).max().orElseThrow())
            .toArray();
    for (int i = 0; i < longest.length; i++) {
      int shortest = Arrays.stream(batches.get(i)).map(BatchesTest::length).min().orElseThrow();
      assertTrue(longest[i] - shortest < 10);
    }
    assertFalse(Arrays.equals(longest, Arrays.stream(longest).sorted().toArray()));
  }
}
