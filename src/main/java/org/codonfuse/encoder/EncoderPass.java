package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.Seeds;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokens;

/** The computation of one batch by an encoder that is being trained. */
final class EncoderPass implements TrainableEncoder.Pass {
  private final TrainableBackend backend;
  private final TrainableLayers layers;
  private final Parameters values;
  private final List<Tokens> batch;
  private final Packing packing;
  private final Mode mode;
  private final Precision products;
  private final long seed;
  private final boolean checkpointed;

  /** What each trained layer reads, and last what comes after them, where there are checkpoints. */
  private final List<Tensor> inputs = new ArrayList<>();

  private final Tensor hidden;

  /**
   * Runs the encoder; see {@link TrainableEncoder#forward}.
   *
   * @param checkpointed whether layers are computed again, where there are gradients at all
   */
  EncoderPass(
      TrainableBackend backend,
      TrainableLayers layers,
      Parameters values,
      List<Tokens> batch,
      Mode mode,
      Precision products,
      long seed,
      boolean checkpointed) {
    this.backend = backend;
    this.layers = layers;
    this.values = values;
    this.batch = batch;
    this.packing = Packing.of(batch.stream().mapToInt(Tokens::length).toArray());
    this.mode = mode;
    this.products = products;
    this.seed = seed;
    this.checkpointed = checkpointed && mode.differentiable();
    this.hidden = forward();
  }

  private Tensor forward() {
    Tensor h = embedded();
    for (int i = 0; i < layers.count(); i++) {
      boolean learns = i >= layers.first();
      Mode how = learns ? mode : Mode.INFERENCE;
      Tensor input = learns && checkpointed ? checkpoint(h, i) : h;
      // What a layer leaves behind goes at its end, or what no gradient needs would stay.
      try (Scope inner = backend.openScope(how, products)) {
        h = inner.keep(layer(input, i));
      }
      if (!how.differentiable()) {
        release(input);
      }
    }
    if (checkpointed) {
      h = detached(h);
      inputs.add(h);
    }
    return layers.last(h, values);
  }

  private Tensor embedded() {
    Mode how = layers.learnsEmbeddings() ? mode : Mode.INFERENCE;
    try (Scope inner = backend.openScope(how, products)) {
      return inner.keep(layers.embed(batch, packing, values));
    }
  }

  private Tensor layer(Tensor h, int index) {
    if (mode == Mode.TRAINING) {
      backend.seed(Seeds.mix(seed, index));
    }
    return layers.run(index, h, packing, values);
  }

  /** Cuts the graph before a layer. */
  private Tensor checkpoint(Tensor h, int index) {
    // Nothing below the first trained layer needs its gradient, unless embeddings do.
    Tensor input = index > layers.first() || layers.learnsEmbeddings() ? detached(h) : h;
    inputs.add(input);
    return input;
  }

  private Tensor detached(Tensor h) {
    Tensor leaf = backend.parameter(h);
    release(h);
    return leaf;
  }

  @Override
  public Tensor hidden() {
    return hidden;
  }

  @Override
  public void backward() {
    if (inputs.isEmpty()) {
      return;
    }
    Optional<Tensor> gradient = backend.gradient(inputs.getLast());
    for (int i = layers.count() - 1; i >= layers.first() && gradient.isPresent(); i--) {
      Tensor input = inputs.get(i - layers.first());
      try (Scope _ = backend.openScope(mode, products)) {
        backend.backward(layer(input, i), gradient.get());
      }
      release(inputs.removeLast());
      release(gradient.get());
      gradient = backend.gradient(input);
    }
    if (layers.learnsEmbeddings() && gradient.isPresent()) {
      try (Scope _ = backend.openScope(mode, products)) {
        backend.backward(layers.embed(batch, packing, values), gradient.get());
      }
    }
  }

  private void release(Tensor tensor) {
    try (Scope last = backend.openScope(Mode.INFERENCE)) {
      last.adopt(tensor);
    }
  }
}
