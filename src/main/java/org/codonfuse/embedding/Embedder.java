package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.token.Tokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an encoder over sequences, batch by batch, and gives their rows. A sequence's rows do not
 * depend on what it is batched with. Where memory does not suffice for a batch, this one and all
 * later ones get smaller. The calling thread does no more than the device needs: others make
 * batches ready and take rows. Not for several threads at once.
 */
final class Embedder {
  private static final Logger LOG = LoggerFactory.getLogger(Embedder.class);

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
    this.pooler = new Pooler(backend);
    this.budget = settings.tokensPerBatch();
  }

  /** See {@link PreparedInputs}. */
  PreparedInputs prepare(List<EmbeddingInput> inputs) {
    return PreparedInputs.of(EncoderReading.of(encoder), settings, inputs);
  }

  /** What makes batches ready. */
  BatchesAhead ahead(PreparedInputs inputs) {
    return new BatchesAhead(inputs, settings.pooling());
  }

  /**
   * Embeds some of the different sequences, in the given order, which decides what is batched. What
   * it begins may be under way yet when this returns.
   *
   * @param ahead from {@link #ahead} of these inputs
   * @param after the sequences that it is called with next, if any
   * @param line of tasks that waits for the rows of the batches and gives them to the sink, in
   *     order
   * @param sink takes the rows of a batch, whose type is the stored one and which are finite before
   *     they are converted to it; they are closed after it
   * @throws CodonfuseException if memory does not suffice for one sequence, or for what an earlier
   *     task of the line failed of, such as rows that are not finite
   */
  void embed(
      PreparedInputs inputs,
      BatchesAhead ahead,
      int[] members,
      int[] after,
      Background.Line line,
      Consumer<EmbeddedRows> sink) {
    int from = 0;
    while (from < members.length) {
      int end = end(inputs, members, from);
      ReadyBatch batch = ahead.of(Arrays.copyOfRange(members, from, end));
      if (end < members.length) {
        ahead.begin(Arrays.copyOfRange(members, end, end(inputs, members, end)));
      } else if (after.length > 0) {
        ahead.begin(Arrays.copyOf(after, end(inputs, after, 0)));
      }
      EmbeddedRows rows;
      try {
        rows = begin(batch);
      } catch (DeviceException e) {
        // What is under way holds memory as well.
        line.await();
        shrink(inputs, batch.members(), e);
        continue;
      }
      line.submit(
          rows,
          there -> {
            requireFinite(inputs, there);
            sink.accept(there);
          });
      from = end;
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

  private EmbeddedRows begin(ReadyBatch batch) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor rows = pooler.pool(hidden(batch.windows()), batch.rows());
      HostRead values = backend.read(rows, settings.stored());
      return new EmbeddedRows(
          batch.members(), batch.counts(), values, settings.layer().width(encoder.config()));
    }
  }

  /** One thread at a time, because waiting for a device keeps a core busy. */
  private synchronized void requireFinite(PreparedInputs inputs, EmbeddedRows rows) {
    if (rows.values().isFinite()) {
      return;
    }
    float[] values = rows.values().source();
    int first = 0;
    while (Float.isFinite(values[first])) {
      first++;
    }
    boolean narrow = encoder.precision() == Precision.FLOAT16;
    throw new CodonfuseException(
        encoder.directory()
            + ": its embeddings of sequence '"
            + inputs.unique().get(rows.members()[rows.memberOf(first)]).id()
            + "' are not numbers; "
            + (narrow
                ? "float16 may not hold what it computes: use --precision bfloat16 or float32; if"
                    + " that does not help, "
                : "")
            + "the weights are damaged: restore the published ones.");
  }

  /** The hidden states of all windows; those of one sequence that exceed the budget in turns. */
  private Tensor hidden(List<Tokens> windows) {
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
