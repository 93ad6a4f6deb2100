package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16})
  void everyPartRunsOnce(int threads) {
    try (Workers workers = new Workers(threads)) {
      assertEquals(threads, workers.count());
      for (int round = 0; round < 20; round++) {
        for (int count : new int[] {0, 1, 2, threads, threads + 1, 1000}) {
          assertRunsAll(workers, count);
        }
      }
    }
  }

  @Test
  void sleepingThreadsAreWoken() throws InterruptedException {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 5; round++) {
        assertEquals(3, participants(workers).size());
        Thread.sleep(20);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void whatAPartThrowsReachesTheCallerAndTheOthersGoOn(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int round = 0; round < 50; round++) {
        IllegalStateException exception = new IllegalStateException("part");
        assertSame(
            exception, assertThrows(IllegalStateException.class, () -> fail(workers, exception)));
        StackOverflowError error = new StackOverflowError();
        assertSame(error, assertThrows(StackOverflowError.class, () -> fail(workers, error)));
        assertRunsAll(workers, 50);
      }
    }
  }

  /** Fails in one of 100 parts; no part may be running any more then. */
  private static void fail(Workers workers, Throwable failure) {
    AtomicInteger running = new AtomicInteger();
    try {
      workers.run(
          100,
          i -> {
            running.incrementAndGet();
            try {
              if (i == 7) {
                switch (failure) {
                  case Error error -> throw error;
                  case RuntimeException exception -> throw exception;
                  default -> throw new AssertionError(failure);
                }
              }
            } finally {
              running.decrementAndGet();
            }
          });
    } finally {
      assertEquals(0, running.get());
    }
  }

  @Test
  void ofSeveralFailuresTheFirstIsThrownWithTheOthers() {
    try (Workers workers = new Workers(2)) {
      CountDownLatch both = new CountDownLatch(2);
      CountDownLatch first = new CountDownLatch(1);
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      2,
                      i -> {
                        both.countDown();
                        await(both);
                        if (i == 0) {
                          first.countDown();
                          throw new IllegalStateException("first");
                        }
                        await(first);
                        sleep(); // Until the other thread has seen its exception.
                        throw new IllegalArgumentException("second");
                      }));
      assertEquals("first", thrown.getMessage());
      assertEquals("second", thrown.getSuppressed()[0].getMessage());
    }
  }

  @Test
  void severalCallersAtOnceHaveAllOfTheirPartsRun() {
    try (Workers workers = new Workers(3)) {
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (int c = 0; c < 3; c++) {
        callers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int round = 0; round < 200; round++) {
                    assertRunsAll(workers, 40);
                  }
                }));
      }
      callers.forEach(CompletableFuture::join);
    }
  }

  @Test
  void partsMayHavePartsThemselves() {
    try (Workers workers = new Workers(3)) {
      AtomicInteger ran = new AtomicInteger();
      workers.run(10, _ -> workers.run(10, _ -> ran.incrementAndGet()));
      assertEquals(100, ran.get());
    }
  }

  @Test
  void anInterruptedCallerGetsItsResultAndStaysInterrupted() {
    try (Workers workers = new Workers(2)) {
      Thread.currentThread().interrupt();
      AtomicInteger ran = new AtomicInteger();
      workers.run(
          50,
          _ -> {
            ran.incrementAndGet();
            if (!Thread.currentThread().isInterrupted()) {
              sleep();
            }
          });
      assertEquals(50, ran.get());
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void afterCloseTheThreadsEndAndTheCallerComputesAlone() throws InterruptedException {
    Workers workers = new Workers(4);
    Set<Thread> threads = participants(workers);
    workers.close();
    workers.close();
    threads.remove(Thread.currentThread());
    for (Thread thread : threads) {
      assertTrue(thread.join(Duration.ofSeconds(10)), thread::toString);
    }
    Set<Thread> after = ConcurrentHashMap.newKeySet();
    workers.run(20, _ -> after.add(Thread.currentThread()));
    assertEquals(Set.of(Thread.currentThread()), after);
  }

  @Test
  void whatRunsWhileItIsClosedIsFinished() {
    for (int round = 0; round < 50; round++) {
      Workers workers = new Workers(3);
      CompletableFuture<Void> caller =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 20; i++) {
                  assertRunsAll(workers, 30);
                }
              });
      workers.close();
      caller.join();
    }
  }

  @Test
  void oneThreadIsTheCaller() {
    try (Workers workers = new Workers(1)) {
      assertEquals(Set.of(Thread.currentThread()), participants(workers));
    }
  }

  private static void assertRunsAll(Workers workers, int count) {
    AtomicIntegerArray ran = new AtomicIntegerArray(count);
    workers.run(count, ran::incrementAndGet);
    for (int i = 0; i < count; i++) {
      assertEquals(1, ran.get(i), "part " + i + " of " + count);
    }
  }

  /** The threads that parts run on, of which each gets one: none ends before all have begun. */
  private static Set<Thread> participants(Workers workers) {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch begun = new CountDownLatch(workers.count());
    workers.run(
        workers.count(),
        _ -> {
          threads.add(Thread.currentThread());
          begun.countDown();
          await(begun);
        });
    return threads;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS), "the other threads did not come");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
