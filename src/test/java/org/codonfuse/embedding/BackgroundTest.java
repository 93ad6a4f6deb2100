package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BackgroundTest {
  @Test
  void tasksAreDoneInOrderOnOneThread() {
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    try (Background background = new Background("test", 3)) {
      for (int i = 0; i < 100; i++) {
        int number = i;
        background.submit(() -> done.add(number));
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
    try (Background background = new Background("test", 4)) {
      CountDownLatch all = new CountDownLatch(1);
      background.submit(
          () -> {
            try {
              all.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            throw failure;
          });
      background.submit(() -> late.set(true));
      all.countDown();
      assertSame(failure, assertThrows(IllegalStateException.class, background::await));
      assertSame(
          failure, assertThrows(IllegalStateException.class, () -> background.submit(() -> {})));
    }
    assertFalse(late.get());
  }

  @Test
  void closingDropsWhatWaits() throws InterruptedException {
    AtomicBoolean late = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    Thread closer;
    Background background = new Background("test", 2);
    background.submit(
        () -> {
          begun.countDown();
          try {
            closing.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    background.submit(() -> late.set(true));
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
  void anInterruptedCallerStops() {
    try (Background background = new Background("test", 1)) {
      Thread.currentThread().interrupt();
      assertThrows(CodonfuseException.class, () -> background.submit(() -> {}));
      assertTrue(Thread.interrupted());
    }
  }
}
