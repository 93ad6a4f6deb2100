package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.HostRead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BackgroundTest {
  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tasksOfALineAreDoneInOrder() {
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    try (Background background = new Background("test", 3)) {
      Background.Line line = background.line();
      for (int i = 0; i < 100; i++) {
        int number = i;
        line.submit(() -> done.add(number));
      }
      background.await();
      assertEquals(100, done.size());
    }
    assertEquals(done.stream().sorted().toList(), done);
  }

  @Test
  void afterAFailureNothingIsDoneAndTheCallerGetsIt() {
    IllegalStateException failure = new IllegalStateException("full");
    AtomicBoolean late = new AtomicBoolean();
    try (Background background = new Background("test", 1)) {
      Background.Line line = background.line();
      CountDownLatch all = new CountDownLatch(1);
      line.submit(
          () -> {
            await(all);
            throw failure;
          });
      line.submit(() -> late.set(true));
      all.countDown();
      assertSame(failure, assertThrows(IllegalStateException.class, background::await));
      assertSame(failure, assertThrows(IllegalStateException.class, () -> line.submit(() -> {})));
    }
    assertFalse(late.get());
  }

  @Test
  void closingDropsWhatWaits() throws InterruptedException {
    AtomicBoolean late = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    Thread closer;
    Background background = new Background("test", 1);
    background
        .line()
        .submit(
            () -> {
              begun.countDown();
              await(closing);
            });
    background.line().submit(() -> late.set(true));
    begun.await(); // Or closing drops this one too, and nobody waits.
    closer = Thread.ofPlatform().start(background::close);
    while (closer.getState() != Thread.State.TIMED_WAITING
        && closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    closing.countDown();
    background.close();
    assertFalse(late.get());
  }

  @Test
  void linesAreWorkedSideBySide() {
    try (Background background = new Background("test", 2)) {
      CountDownLatch met = new CountDownLatch(2);
      for (int i = 0; i < 2; i++) {
        background
            .line()
            .submit(
                () -> {
                  met.countDown();
                  await(met);
                });
      }
      background.await();
      assertEquals(0, met.getCount());
    }
  }

  @Test
  void olderLinesComeFirst() throws InterruptedException {
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch submitted = new CountDownLatch(1);
    try (Background background = new Background("test", 1)) {
      Background.Line old = background.line();
      Background.Line young = background.line();
      old.submit(
          () -> {
            await(submitted);
          });
      young.submit(() -> done.add("young"));
      old.submit(() -> done.add("old"));
      submitted.countDown();
      background.await();
    }
    assertEquals(List.of("old", "young"), done);
  }

  /** Rows of no sequence that say when they are closed. */
  private static EmbeddedRows rows(int count, List<String> log) {
    HostRead read =
        (HostRead)
            Proxy.newProxyInstance(
                HostRead.class.getClassLoader(),
                new Class<?>[] {HostRead.class},
                (_, method, _) -> {
                  if (method.getName().equals("dtype")) {
                    return DType.FLOAT32;
                  }
                  log.add(method.getName());
                  return null;
                });
    return new EmbeddedRows(new int[] {0}, new int[] {count}, read, 1);
  }

  @Test
  void rowsThatCannotBeClosedAreAFailureAndNothingWaitsForThem() {
    IllegalStateException failure = new IllegalStateException("lost");
    HostRead read =
        (HostRead)
            Proxy.newProxyInstance(
                HostRead.class.getClassLoader(),
                new Class<?>[] {HostRead.class},
                (_, method, _) -> {
                  if (method.getName().equals("dtype")) {
                    return DType.FLOAT32;
                  }
                  throw failure;
                });
    try (Background background = new Background("test", 1)) {
      background.line().submit(new EmbeddedRows(new int[] {0}, new int[] {1}, read, 1), _ -> {});
      assertSame(failure, assertThrows(IllegalStateException.class, background::await));
    }
  }

  @Test
  void rowsAreClosedWhetherTheyAreTakenOrNot() {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    try (Background background = new Background("test", 1)) {
      Background.Line line = background.line();
      line.submit(rows(1, log), _ -> log.add("taken"));
      background.await();
      assertEquals(List.of("taken", "close"), log);
      line.submit(
          rows(1, log),
          _ -> {
            throw new IllegalStateException("full");
          });
      assertThrows(IllegalStateException.class, background::await);
      assertThrows(
          IllegalStateException.class, () -> line.submit(rows(1, log), _ -> log.add("taken")));
    }
    assertEquals(List.of("taken", "close", "close", "close"), log);
  }

  @Test
  void asManyRowsAsThereIsRoomForAreUnderWay() throws InterruptedException {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    int quarter = 1 << 25; // Of 512 MiB, in float32.
    try (Background background = new Background("test", 1)) {
      Background.Line line = background.line();
      line.submit(
          rows(quarter, log),
          _ -> {
            taken.countDown();
            await(goOn);
          });
      taken.await();
      for (int i = 0; i < 3; i++) {
        line.submit(rows(quarter, log), _ -> {});
      }
      Thread waiting = Thread.ofPlatform().start(() -> line.submit(rows(1, log), _ -> {}));
      while (waiting.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), log);
      goOn.countDown();
      waiting.join();
      background.await();
      assertEquals(5, log.size());
    }
  }

  @Test
  void anInterruptedCallerStops() {
    CountDownLatch end = new CountDownLatch(1);
    try (Background background = new Background("test", 1)) {
      background
          .line()
          .submit(
              () -> {
                await(end);
              });
      Thread.currentThread().interrupt();
      assertThrows(CodonfuseException.class, background::await);
      assertTrue(Thread.interrupted());
      end.countDown();
    }
  }
}
