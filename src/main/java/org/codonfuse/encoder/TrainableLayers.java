package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.codonfuse.UsageException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.TensorSource;

/**
 * The parts of an encoder that is being trained: what it learns is taken from the parameters that
 * are passed in, what it does not learn belongs to the scope that it was made with.
 */
final class TrainableLayers {
  private final TrainableBackend backend;
  private final EncoderConfig config;
  private final String prefix;
  private final Map<String, Tensor> weights;
  private final List<Optional<Rotation>> rotations;
  private final TokenEmbeddings embeddings;
  private final Transformer transformer;
  private final int first;

  /** What is trained wholly, by the names of {@link EncoderParameters}. */
  private final Set<String> trained;

  private final List<ParameterSpec> parameters;
  private final Optional<LoraUpdates> updates;

  /** The layers as they were read, those aside that are trained wholly. */
  private final List<Transformer.Layer> fixed = new ArrayList<>();

  private final Optional<Transformer.Head> fixedHead;

  /**
   * Reads the weights.
   *
   * @param owner of what is not trained
   * @throws UsageException if the tuning does not fit the encoder
   */
  TrainableLayers(
      TrainableBackend backend,
      EncoderConfig config,
      TrainableEncoder.Settings settings,
      TensorSource source,
      Scope owner) {
    int frozen = settings.tuning().frozenLayers();
    if (frozen > config.layers()) {
      throw new UsageException(
          "%d layers are to be frozen, where the encoder has %d; freeze no more."
              .formatted(frozen, config.layers()));
    }
    this.backend = backend;
    this.config = config;
    this.prefix = settings.prefix();
    this.weights = EncoderParameters.load(backend, owner, config, source);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      this.rotations = LayerAssembly.rotations(backend, owner, config, weights::get);
    }
    this.embeddings = new TokenEmbeddings(backend, config);
    double dropout = 0;
    switch (settings.tuning()) {
      case Tuning.Full _ -> {
        TrainedTensors tensors = new TrainedTensors(config, settings, weights);
        trained = tensors.names();
        parameters = tensors.parameters();
        updates = Optional.empty();
        first = frozen;
      }
      case Tuning.Lora(var lora, int lower) -> {
        AdaptableModules modules = AdaptableModules.of(config);
        LoraSettings resolved = modules.resolve(lora, lower);
        trained = Set.of();
        updates = Optional.of(new LoraUpdates(backend, config, resolved, prefix));
        parameters =
            modules.parameters(resolved).stream()
                .map(spec -> spec.named(prefix + spec.name()))
                .toList();
        first = modules.firstAdapted(resolved);
        dropout = lora.dropout();
      }
    }
    this.transformer = new Transformer(backend, config, DType.FLOAT32, dropout);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      LayerAssembly assembly =
          assembly(weights::get, weight -> owner.adopt(backend.freeze(weight)), owner::adopt);
      int last = updates.isPresent() ? config.layers() : first;
      for (int i = 0; i < last; i++) {
        fixed.add(assembly.layer(i));
      }
      fixedHead = updates.isPresent() ? assembly.head() : Optional.empty();
    }
  }

  /** What is learned, each name after the prefix. */
  List<ParameterSpec> parameters() {
    return parameters;
  }

  /** What is trained wholly, by the names of {@link EncoderParameters}. */
  Set<String> trained() {
    return trained;
  }

  /** The number of layers. */
  int count() {
    return config.layers();
  }

  /** The first layer that learns; those below it stay as they were. */
  int first() {
    return first;
  }

  /** Whether what the first layer reads is learned as well. */
  boolean learnsEmbeddings() {
    return trained.contains(EncoderParameters.TOKENS);
  }

  /** What the first layer reads, see {@link TokenEmbeddings#of}. */
  Tensor embed(List<Tokens> batch, Packing packing, Parameters values) {
    return embeddings.of(tensors(values), batch, packing);
  }

  /**
   * Runs one layer.
   *
   * @param h [rows, hidden]
   * @return [rows, hidden]
   */
  Tensor run(int index, Tensor h, Packing packing, Parameters values) {
    return transformer.layer(layer(index, values), h, packing);
  }

  private Transformer.Layer layer(int index, Parameters values) {
    if (index < first) {
      return fixed.get(index);
    }
    return updates
        .map(of -> of.updated(fixed.get(index), index, values))
        .orElseGet(() -> plain(values).layer(index));
  }

  /** The last hidden states, see {@link Transformer#last}. */
  Tensor last(Tensor h, Parameters values) {
    return transformer.last(plain(values).norm("norm"), h);
  }

  /** The scores of tokens, see {@link Transformer#logits}; empty if there is no head for them. */
  Optional<Tensor> logits(Tensor hidden, Parameters values) {
    Optional<Transformer.Head> head = updates.isPresent() ? fixedHead : plain(values).head();
    return head.map(of -> transformer.logits(of, hidden));
  }

  private Function<String, Tensor> tensors(Parameters values) {
    return name -> trained.contains(name) ? values.get(prefix + name) : weights.get(name);
  }

  private LayerAssembly plain(Parameters values) {
    return assembly(tensors(values), UnaryOperator.identity(), UnaryOperator.identity());
  }

  private LayerAssembly assembly(
      Function<String, Tensor> tensors, UnaryOperator<Tensor> weight, UnaryOperator<Tensor> bias) {
    return new LayerAssembly(backend, config, tensors, weight, bias, rotations);
  }
}
