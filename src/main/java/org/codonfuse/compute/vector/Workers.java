package org.codonfuse.compute.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads of a backend. The calling thread takes part; the others wait awake for some
 * microseconds between operations and then sleep. One caller at a time has them: others meanwhile
 * compute alone. Not the common pool: its size is not what {@code --threads} says.
 */
final class Workers implements AutoCloseable {
  /** About 20 µs: longer than the way from one operation to the next. */
  private static final int SPINS = 500;

  /** A part of an operation. */
  interface Task {
    /** Computes the part of this index, from 0. */
    void run(int index);
  }

  /** An operation: its parts are taken one by one by whoever is free. */
  private static final class Job {
    private final Task task;
    private final int count;
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile Throwable failure;

    Job(Task task, int count) {
      this.task = task;
      this.count = count;
    }

    void work() {
      int ran = 0;
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        if (failure == null) {
          try {
            task.run(i);
          } catch (RuntimeException | Error e) {
            fail(e);
          }
        }
        ran++;
      }
      if (ran > 0 && done.addAndGet(ran) == count) {
        LockSupport.unpark(caller);
      }
    }

    /** The first one is thrown, with those of parts that were running. */
    private synchronized void fail(Throwable e) {
      if (failure == null) {
        failure = e;
      } else if (!failure.equals(e)) {
        failure.addSuppressed(e);
      }
    }

    boolean isDone() {
      return done.get() == count;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Thread[] threads;
  private volatile Job job;
  private volatile boolean closed;

  /**
   * @param threads the calling one included, at least 1
   */
  Workers(int threads) {
    this.threads = new Thread[threads - 1];
    for (int i = 0; i < this.threads.length; i++) {
      this.threads[i] =
          Thread.ofPlatform().daemon().name("codonfuse-vector-" + (i + 1)).start(this::serve);
    }
  }

  /** How many threads there are, the calling one included. */
  int count() {
    return threads.length + 1;
  }

  /**
   * Runs all parts and returns when they are done; throws what the first one threw that failed.
   *
   * @param count number of parts
   */
  void run(int count, Task task) {
    if (count <= 1 || threads.length == 0 || lock.isHeldByCurrentThread() || !lock.tryLock()) {
      for (int i = 0; i < count; i++) {
        task.run(i);
      }
      return;
    }
    try {
      Job own = new Job(task, count);
      job = own;
      int helpers = Math.min(threads.length, count - 1);
      for (int i = 0; i < helpers; i++) {
        LockSupport.unpark(threads[i]);
      }
      own.work();
      for (int spins = 0; !own.isDone(); spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(own);
        }
      }
      if (own.failure != null) {
        rethrow(own.failure);
      }
    } finally {
      job = null;
      lock.unlock();
    }
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  private void serve() {
    Job last = null;
    int spins = 0;
    while (!closed) {
      Job current = job;
      if (current != null && current != last) {
        last = current;
        current.work();
        spins = 0;
      } else if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
      } else {
        last = null; // Or its arrays would stay while this thread sleeps.
        LockSupport.park(this);
        spins = 0;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
