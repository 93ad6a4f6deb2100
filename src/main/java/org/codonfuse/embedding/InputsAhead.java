package org.codonfuse.embedding;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Tokenizes the next batch on another thread. Used by one thread, which closes it. */
final class InputsAhead implements AutoCloseable {
  private final PreparedInputs inputs;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("codonfuse-tokens").daemon().factory());
  private int[] members = {};
  private Future<List<EncoderInput>> read;

  InputsAhead(PreparedInputs inputs) {
    this.inputs = inputs;
  }

  /** Begins with a batch that is expected to be wanted next. */
  void begin(int[] batch) {
    members = batch;
    read = executor.submit(() -> tokenize(batch));
  }

  /** A batch, which may be another than the expected one. */
  List<EncoderInput> of(int[] batch) {
    if (!Arrays.equals(batch, members)) {
      return tokenize(batch);
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

  private List<EncoderInput> tokenize(int[] batch) {
    return Arrays.stream(batch).mapToObj(inputs::input).toList();
  }

  @Override
  public void close() {
    executor.close();
  }
}
