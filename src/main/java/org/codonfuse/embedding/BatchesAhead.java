package org.codonfuse.embedding;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.codonfuse.embedding.store.Pooling;

/** Makes the next batch ready on another thread. Used by one thread, which closes it. */
final class BatchesAhead implements AutoCloseable {
  private final PreparedInputs inputs;
  private final Pooling pooling;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("codonfuse-tokens").daemon().factory());
  private int[] members = {};
  private Future<ReadyBatch> read;

  BatchesAhead(PreparedInputs inputs, Pooling pooling) {
    this.inputs = inputs;
    this.pooling = pooling;
  }

  /** Begins with a batch that is expected to be wanted next. */
  void begin(int[] batch) {
    members = batch;
    read = executor.submit(() -> ReadyBatch.of(inputs, pooling, batch));
  }

  /** A batch, which may be another than the expected one. */
  ReadyBatch of(int[] batch) {
    if (!Arrays.equals(batch, members)) {
      return ReadyBatch.of(inputs, pooling, batch);
    }
    try {
      return read.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        default -> throw new AssertionError("tokenizing throws nothing checked", e);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CancellationException("Interrupted while waiting for tokens");
    }
  }

  @Override
  public void close() {
    executor.close();
  }
}
