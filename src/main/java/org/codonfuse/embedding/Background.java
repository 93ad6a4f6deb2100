package org.codonfuse.embedding;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;

/**
 * Does tasks beside the caller: those of a line in order, those of several lines at once if it has
 * several threads, older lines first. After a failure it does no more, and the caller gets the
 * failure at its next call.
 */
final class Background implements AutoCloseable {
  /** Bytes of rows that may be under way: what the host has to have for them. */
  private static final long ROOM = 512L << 20;

  /** Rows count as this much at least and at most, so that 2 to 8 batches may be under way. */
  private static final long LEAST = ROOM / 8;

  private static final long MOST = ROOM / 2;

  private final ExecutorService executor;
  private final SequencedSet<Line> lines = new LinkedHashSet<>();
  private long room = ROOM;
  private Throwable failure;
  private boolean stopped;

  /**
   * @param end is run whether the action is or not
   */
  private record Task(long bytes, Runnable action, Runnable end) {}

  /** Tasks that are done one after the other. */
  final class Line {
    private final Queue<Task> tasks = new ArrayDeque<>();
    private boolean busy;

    /** Hands over a task; rethrows what an earlier one threw. */
    void submit(Runnable task) {
      add(new Task(0, task, () -> {}));
    }

    /**
     * Hands over what takes rows, waiting for room; rethrows what an earlier task threw. The rows
     * are closed in any case.
     */
    void submit(EmbeddedRows rows, Consumer<EmbeddedRows> task) {
      boolean added = false;
      try {
        long bytes = Math.clamp(rows.byteSize(), LEAST, MOST);
        add(new Task(bytes, () -> task.accept(rows), rows::close));
        added = true;
      } finally {
        if (!added) {
          rows.close();
        }
      }
    }

    /** Waits until all tasks of all lines are done; rethrows what one threw. */
    void await() {
      Background.this.await();
    }

    private void add(Task task) {
      synchronized (Background.this) {
        waitUntil(() -> room >= task.bytes);
        room -= task.bytes;
        tasks.add(task);
        lines.add(this);
        Background.this.notifyAll();
      }
    }
  }

  /**
   * @param threads how many lines are worked at once
   */
  Background(String name, int threads) {
    this.executor =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().name(name).daemon().factory());
    for (int i = 0; i < threads; i++) {
      executor.execute(this::work);
    }
  }

  /**
   * SHA-256 takes a core 1.5 GB/s, what a GPU computes 7: so many, where there are cores for them.
   */
  static int writers() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 8);
  }

  /** Begins a line. */
  Line line() {
    return new Line();
  }

  /** Waits until all tasks are done; rethrows what one threw. */
  synchronized void await() {
    waitUntil(lines::isEmpty);
  }

  /** Waits for the tasks under way and drops the others. */
  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    executor.close();
  }

  private void work() {
    for (Line line = next(); line != null; line = next()) {
      Task task = first(line);
      try {
        try {
          if (isWanted()) {
            task.action.run();
          }
        } finally {
          task.end.run();
        }
      } catch (Throwable e) { // Thrown to the caller at its next call.
        fail(e);
      } finally {
        done(line);
      }
    }
  }

  /** A line with a task for this thread; null after the last. */
  private synchronized Line next() {
    while (true) {
      for (Line line : lines) {
        if (!line.busy) {
          line.busy = true;
          return line;
        }
      }
      if (stopped) {
        return null;
      }
      try {
        wait();
      } catch (InterruptedException _) {
        stopped = true;
      }
    }
  }

  private synchronized Task first(Line line) {
    return line.tasks.element();
  }

  private synchronized boolean isWanted() {
    return !stopped && failure == null;
  }

  private synchronized void fail(Throwable thrown) {
    failure = failure == null ? thrown : failure;
  }

  private synchronized void done(Line line) {
    room += line.tasks.remove().bytes;
    line.busy = false;
    if (line.tasks.isEmpty()) {
      lines.remove(line);
    }
    notifyAll();
  }

  private synchronized void waitUntil(BooleanSupplier condition) {
    try {
      while (failure == null && !condition.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodonfuseException("Interrupted; run it again, which goes on where it was.", e);
    }
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }
}
