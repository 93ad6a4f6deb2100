package org.codonfuse.training;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Batches in a given order, the next ones read in the background while the caller computes with
 * one. Used by one thread, which closes it; what a read throws is thrown where its batch is asked
 * for.
 */
final class Prefetch<B> implements Iterator<Prefetch.Step<B>>, AutoCloseable {
  /** More would cost memory and win nothing: reading is faster than computing, or it never is. */
  private static final int AHEAD = 2;

  private final Function<int[], B> gather;
  private final Consumer<B> release;
  private final List<int[]> batches;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("codonfuse-prefetch").unstarted(task));
  private final Queue<Future<Step<B>>> ahead = new ArrayDeque<>();
  private int submitted;
  private volatile boolean closed;

  /**
   * One batch.
   *
   * @param members the examples in it
   * @param batch what was read of them
   */
  record Step<B>(int[] members, B batch) {}

  /**
   * @param batches the examples of every batch, in the order in which they are wanted
   * @param gather reads a batch, in the background
   * @param release gives back a batch that nobody has asked for
   */
  Prefetch(List<int[]> batches, Function<int[], B> gather, Consumer<B> release) {
    this.gather = gather;
    this.release = release;
    this.batches = batches;
    for (int i = 0; i < AHEAD; i++) {
      submit();
    }
  }

  private void submit() {
    if (submitted < batches.size()) {
      int[] members = batches.get(submitted++);
      ahead.add(reader.submit(() -> closed ? null : new Step<>(members, gather.apply(members))));
    }
  }

  @Override
  public boolean hasNext() {
    return !ahead.isEmpty();
  }

  @Override
  public Step<B> next() {
    if (ahead.isEmpty()) {
      throw new NoSuchElementException();
    }
    try {
      Step<B> step = ahead.remove().get();
      submit();
      return step;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        default -> throw new AssertionError("gathering throws nothing checked", e);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CancellationException("Interrupted while waiting for a batch");
    }
  }

  /** Waits for the read under way; the others are given up. */
  @Override
  public void close() {
    // Not interrupted: that would close the channel of a file that is being mapped.
    closed = true;
    reader.close();
    ahead.stream()
        .filter(future -> future.state() == Future.State.SUCCESS)
        .map(Future::resultNow)
        .filter(Objects::nonNull)
        .forEach(step -> release.accept(step.batch()));
  }
}
