package org.codonfuse.embedding;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.codonfuse.CodonfuseException;

/**
 * One thread that does tasks in order, a few ahead of which the caller may be. After a failure it
 * does no more, and the caller gets the failure at its next call.
 */
final class Background implements AutoCloseable {
  private final ExecutorService executor;
  private final Semaphore room;
  private final int ahead;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped;

  /**
   * @param ahead tasks that may wait or be under way
   */
  Background(String name, int ahead) {
    this.executor =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).daemon().factory());
    this.room = new Semaphore(ahead);
    this.ahead = ahead;
  }

  /** Hands over a task, waiting for room; rethrows what an earlier one threw. */
  void submit(Runnable task) {
    acquire(1);
    executor.execute(
        () -> {
          try {
            if (!stopped && failure.get() == null) {
              task.run();
            }
          } catch (Throwable e) { // Thrown to the caller at its next call.
            failure.set(e);
          } finally {
            room.release();
          }
        });
  }

  /** Waits until all tasks are done; rethrows what one threw. */
  void await() {
    acquire(ahead);
    room.release(ahead);
  }

  /** Waits for the task under way and drops the others. */
  @Override
  public void close() {
    stopped = true;
    executor.close();
  }

  private void acquire(int permits) {
    try {
      room.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodonfuseException("Interrupted; run it again, which goes on where it was.", e);
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      room.release(permits);
      switch (thrown) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(thrown);
      }
    }
  }
}
