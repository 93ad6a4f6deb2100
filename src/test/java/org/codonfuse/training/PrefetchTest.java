package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefetchTest {
  private static final StreamSpec STREAM =
      new StreamSpec("rna", Molecule.RNA, 2, Granularity.TOKEN);

  /** Example i has 1 + i % 3 rows, all i. */
  private static class Rows implements StreamRows {
    final ConcurrentLinkedQueue<Integer> read = new ConcurrentLinkedQueue<>();

    @Override
    public int rows(int example) {
      return 1 + example % 3;
    }

    @Override
    public void read(int example, float[] target, int offset) {
      read.add(example);
      for (int i = 0; i < 2 * rows(example); i++) {
        target[offset + i] = example;
      }
    }
  }

  private static Examples examples(int size, StreamRows rows) {
    int[] codons = IntStream.range(0, size).map(i -> 1 + i % 3).toArray();
    return new Examples(List.of(new Examples.Stream(STREAM, rows)), codons);
  }

  private final AtomicInteger released = new AtomicInteger();

  private Prefetch<HostBatch> prefetch(Examples examples, int[] order, int batchSize) {
    return new Prefetch<>(
        Batches.of(order, batchSize), examples::gather, _ -> released.incrementAndGet());
  }

  /** Whether a reader goes on; one that was told to end is given the time to. */
  private static boolean reading() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("codonfuse-prefetch"))
        .anyMatch(PrefetchTest::goesOn);
  }

  private static boolean goesOn(Thread thread) {
    try {
      return !thread.join(Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 10, 11, Integer.MAX_VALUE})
  void givesTheBatchesOfTheOrderPaddedToTheLongest(int batchSize) {
    Examples examples = examples(10, new Rows());
    int[] order = {9, 0, 5, 3, 1, 8, 2, 7, 4, 6};
    List<Integer> members = new ArrayList<>();
    try (Prefetch<HostBatch> batches = prefetch(examples, order, batchSize)) {
      while (batches.hasNext()) {
        Prefetch.Step<HostBatch> step = batches.next();
        HostBatch expected = examples.gather(step.members());
        HostBatch.Stream stream = step.batch().streams().getFirst();
        float[] values = stream.values().toFloats();
        assertArrayEquals(expected.streams().getFirst().values().toFloats(), values);
        assertArrayEquals(expected.codons(), stream.lengths());
        for (int b = 0; b < step.members().length; b++) {
          members.add(step.members()[b]);
          for (int i = 0; i < 2 * stream.longest(); i++) {
            float value = i < 2 * stream.lengths()[b] ? step.members()[b] : 0;
            assertEquals(value, values[b * 2 * stream.longest() + i]);
          }
        }
      }
      assertThrows(NoSuchElementException.class, batches::next);
    }
    assertArrayEquals(order, members.stream().mapToInt(i -> i).toArray());
  }

  @Test
  void givesAFailureWhereItsBatchIsAskedFor() {
    CodonfuseException damaged = new CodonfuseException("part-00001.safetensors: damaged; ...");
    Rows rows =
        new Rows() {
          @Override
          public void read(int example, float[] target, int offset) {
            if (example == 2) {
              throw damaged;
            }
            super.read(example, target, offset);
          }
        };
    try (Prefetch<HostBatch> batches = prefetch(examples(5, rows), new int[] {0, 1, 2, 3, 4}, 1)) {
      assertEquals(0, batches.next().members()[0]);
      assertEquals(1, batches.next().members()[0]);
      assertSame(damaged, assertThrows(CodonfuseException.class, batches::next));
    }
    assertFalse(reading());
  }

  @Test
  void readsTwoBatchesAheadAtMostAndNoneAfterClosing() {
    Rows rows = new Rows();
    try (Prefetch<HostBatch> batches = prefetch(examples(100, rows), order(100), 2)) {
      batches.next();
      batches.next();
    }
    assertFalse(reading());
    assertTrue(rows.read.size() <= 2 * (2 + 2), rows.read::toString);
    assertEquals(rows.read.size() / 2 - 2, released.get());
  }

  @Test
  void anEmptyOrderHasNoBatches() {
    try (Prefetch<HostBatch> batches = prefetch(examples(0, new Rows()), new int[0], 4)) {
      assertFalse(batches.hasNext());
    }
  }

  @Test
  void anInterruptedCallerStopsWaiting() {
    CountDownLatch slow = new CountDownLatch(1);
    Rows rows =
        new Rows() {
          @Override
          public void read(int example, float[] target, int offset) {
            assertDoesNotThrow(() -> slow.await());
          }
        };
    try (Prefetch<HostBatch> batches = prefetch(examples(3, rows), order(3), 1)) {
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, batches::next);
      assertTrue(Thread.interrupted());
      slow.countDown();
    }
  }

  private static int[] order(int size) {
    return IntStream.range(0, size).toArray();
  }
}
