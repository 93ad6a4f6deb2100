package org.codonfuse.embedding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.token.Tokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an encoder over sequences, batch by batch, and gives their rows. A sequence's rows do not
 * depend on what it is batched with. Where memory does not suffice for a batch, this one and all
 * later ones get smaller. Another thread tokenizes ahead. Not for several threads at once.
 */
final class Embedder {
  private static final Logger LOG = LoggerFactory.getLogger(Embedder.class);

  /**
   * Batches that the device may be asked for before the rows of the first one are read: while these
   * are taken, it computes.
   */
  private static final int UNDER_WAY = 2;

  private final Backend backend;
  private final Encoder encoder;
  private final EmbeddingSettings settings;
  private final Pooler pooler;
  private int budget;
  private boolean shrunk;

  Embedder(Backend backend, Encoder encoder, EmbeddingSettings settings) {
    this.backend = backend;
    this.encoder = encoder;
    this.settings = settings;
    this.pooler = new Pooler(backend, settings.pooling());
    this.budget = settings.tokensPerBatch();
  }

  /** See {@link PreparedInputs}. */
  PreparedInputs prepare(List<EmbeddingInput> inputs) {
    return PreparedInputs.of(EncoderReading.of(encoder), settings, inputs);
  }

  /**
   * Embeds some of the different sequences, in the given order, which decides what is batched.
   *
   * @param sink takes the rows of each batch
   * @throws CodonfuseException if rows are not finite, or memory does not suffice for one sequence
   */
  void embed(PreparedInputs inputs, int[] members, Consumer<EmbeddedRows> sink) {
    try (InputsAhead ahead = new InputsAhead(inputs);
        Pending pending = new Pending(sink)) {
      int from = 0;
      while (from < members.length) {
        int end = end(inputs, members, from);
        int[] batch = Arrays.copyOfRange(members, from, end);
        List<EncoderInput> read = ahead.of(batch);
        if (end < members.length) {
          ahead.begin(Arrays.copyOfRange(members, end, end(inputs, members, end)));
        }
        UnreadRows rows;
        try {
          rows = begin(inputs, batch, read);
        } catch (DeviceException e) {
          // What is under way holds memory as well.
          pending.complete(0);
          shrink(inputs, batch, e);
          continue;
        }
        pending.add(rows);
        pending.complete(UNDER_WAY);
        from = end;
      }
      pending.complete(0);
    }
  }

  /** The rows of batches that the device may be computing yet, in order. */
  private final class Pending implements AutoCloseable {
    private final Consumer<EmbeddedRows> sink;
    private final Queue<UnreadRows> batches = new ArrayDeque<>();

    Pending(Consumer<EmbeddedRows> sink) {
      this.sink = sink;
    }

    void add(UnreadRows rows) {
      batches.add(rows);
    }

    /** Waits until no more than some are under way. */
    void complete(int left) {
      while (batches.size() > left) {
        EmbeddedRows rows;
        try (UnreadRows first = batches.remove()) {
          rows = first.await();
        }
        requireFinite(rows);
        sink.accept(rows);
      }
    }

    @Override
    public void close() {
      batches.forEach(UnreadRows::close);
    }
  }

  private int end(PreparedInputs inputs, int[] members, int from) {
    int end = from + 1;
    long tokens = inputs.tokens(members[from]);
    while (end < members.length && tokens + inputs.tokens(members[end]) <= budget) {
      tokens += inputs.tokens(members[end++]);
    }
    return end;
  }

  private UnreadRows begin(PreparedInputs inputs, int[] members, List<EncoderInput> batch) {
    int width = settings.layer().width(encoder.config());
    int[] counts = Arrays.stream(members).map(inputs::rows).toArray();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      HostRead values = backend.read(pooler.pool(hidden(batch), batch));
      return new UnreadRows(members, counts, values, width);
    }
  }

  private void requireFinite(EmbeddedRows rows) {
    for (float value : rows.values()) {
      if (!Float.isFinite(value)) {
        throw new CodonfuseException(
            encoder.directory()
                + ": its embeddings are not numbers; the weights are damaged: restore the"
                + " published ones.");
      }
    }
  }

  /** The hidden states of all windows; those of one sequence that exceed the budget in turns. */
  private Tensor hidden(List<EncoderInput> batch) {
    List<Tokens> windows = batch.stream().flatMap(input -> input.windows().stream()).toList();
    List<Tensor> hidden = new ArrayList<>();
    for (int from = 0; from < windows.size(); ) {
      int to = from + 1;
      long tokens = windows.get(from).length();
      while (to < windows.size() && tokens + windows.get(to).length() <= budget) {
        tokens += windows.get(to++).length();
      }
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        hidden.add(scope.keep(encoder.forward(windows.subList(from, to), settings.layer())));
      }
      from = to;
    }
    return hidden.size() == 1 ? hidden.getFirst() : backend.concat(hidden, 0);
  }

  private void shrink(PreparedInputs inputs, int[] batch, DeviceException failure) {
    if (failure.kind() != DeviceException.Kind.OUT_OF_MEMORY) {
      throw failure;
    }
    int tokens = Arrays.stream(batch).map(inputs::tokens).sum();
    if (batch.length == 1 && Math.min(budget, tokens) <= inputs.longestWindow(batch[0])) {
      throw new CodonfuseException(
          "Sequence '"
              + inputs.unique().get(batch[0]).id()
              + "' ("
              + tokens
              + " tokens) does not fit into the memory of "
              + backend.device()
              + " even alone ("
              + failure.getMessage()
              + "); use a device with more, --precision bfloat16, or shorter sequences.",
          failure);
    }
    budget = Math.max(1, Math.min(budget, tokens) / 2);
    if (!shrunk) {
      LOG.warn(
          "Out of memory with {} tokens; batches are smaller from here on, which --tokens-per-batch"
              + " {} avoids.",
          tokens,
          budget);
      shrunk = true;
    }
    LOG.debug("Out of memory with {} tokens; now {}", tokens, budget, failure);
  }
}
