package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.UsageException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorSource;

/**
 * An encoder that is being trained, wholly or by low-rank adaptation. What it learns are parameters
 * that are passed to it; what it does not learn it owns.
 *
 * <p>Closing it releases its weights. Used by one thread at a time.
 */
public final class TrainableEncoder implements AutoCloseable {
  private final TrainableBackend backend;
  private final EncoderFiles files;
  private final EncoderConfig config;
  private final Tokenizer tokenizer;
  private final Settings settings;
  private final TensorSource source;
  private final Scope owner;
  private final Map<String, Tensor> weights;
  private final List<Optional<Rotation>> rotations;
  private final TokenEmbeddings embeddings;
  private final Transformer transformer;
  private final int frozenLayers;

  /** What is trained wholly, by the names of {@link EncoderParameters}. */
  private final Set<String> trained;

  private final List<ParameterSpec> parameters;
  private final Optional<LoraUpdates> updates;

  /** The layers as they were read, those aside that are trained wholly. */
  private final List<Transformer.Layer> fixed = new ArrayList<>();

  private final Optional<Transformer.Head> fixedHead;

  /**
   * What is trained of an encoder.
   *
   * @param tuning how
   * @param head whether the head that scores tokens is trained as well, where all is
   * @param prefix of the names of its parameters
   * @param checkpointed whether layers are computed again for their gradients: that takes a third
   *     more time, and holds one layer's activations instead of all
   */
  public record Settings(Tuning tuning, boolean head, String prefix, boolean checkpointed) {}

  /** What an encoder made of a batch, and the way that gradients take back. */
  public interface Pass {
    /**
     * The hidden states, float32 [tokens of all sequences, width], the sequences one after the
     * other; in the scope that was current.
     */
    Tensor hidden();

    /**
     * Brings the gradient of the hidden states to the parameters, where {@link
     * TrainableBackend#backward} of what was computed from them has not done so. To be called once,
     * after that, in the scope that was current.
     */
    void backward();
  }

  private TrainableEncoder(
      TrainableBackend backend,
      EncoderFiles files,
      EncoderDescription description,
      Settings settings,
      TensorSource source,
      Scope owner) {
    this.backend = backend;
    this.files = files;
    this.config = description.config();
    this.tokenizer = description.tokenizer();
    this.settings = settings;
    this.source = source;
    this.owner = owner;
    this.frozenLayers = settings.tuning.frozenLayers();
    if (frozenLayers > config.layers()) {
      throw new UsageException(
          "%d layers are to be frozen, where the encoder has %d; freeze no more."
              .formatted(frozenLayers, config.layers()));
    }
    this.weights = EncoderParameters.load(backend, owner, config, source);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      this.rotations = LayerAssembly.rotations(backend, owner, config, weights::get);
    }
    this.embeddings = new TokenEmbeddings(backend, config);
    double dropout = 0;
    switch (settings.tuning) {
      case Tuning.Full _ -> {
        TrainedTensors tensors = new TrainedTensors(config, settings, weights);
        trained = tensors.names();
        parameters = tensors.parameters();
        updates = Optional.empty();
      }
      case Tuning.Lora(var lora, int lower) -> {
        AdaptableModules modules = AdaptableModules.of(config);
        LoraSettings resolved = modules.resolve(lora, lower);
        trained = Set.of();
        updates = Optional.of(new LoraUpdates(backend, config, resolved, settings.prefix));
        parameters =
            modules.parameters(resolved).stream()
                .map(spec -> spec.named(settings.prefix + spec.name()))
                .toList();
        dropout = lora.dropout();
      }
    }
    this.transformer = new Transformer(backend, config, DType.FLOAT32, dropout);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      LayerAssembly assembly =
          assembly(weights::get, weight -> owner.adopt(backend.freeze(weight)), owner::adopt);
      int last = trained.isEmpty() ? config.layers() : frozenLayers;
      for (int i = 0; i < last; i++) {
        fixed.add(assembly.layer(i));
      }
      fixedHead = trained.isEmpty() ? assembly.head() : Optional.empty();
    }
  }

  /**
   * Reads a model directory; see {@link Encoder#load}.
   *
   * @throws CodonfuseException that names the file and what is wrong with it
   */
  public static TrainableEncoder load(TrainableBackend backend, Path directory, Settings settings) {
    EncoderDescription description = EncoderDescription.read(directory);
    Checkpoint checkpoint = Checkpoint.find(directory);
    TensorSource source = checkpoint.open();
    Scope owner = backend.newOwner();
    try {
      return new TrainableEncoder(
          backend,
          new EncoderFiles(directory, checkpoint.files()),
          description,
          settings,
          source,
          owner);
    } catch (RuntimeException | Error e) {
      owner.close();
      source.close();
      throw e;
    }
  }

  /** Its configuration. */
  public EncoderConfig config() {
    return config;
  }

  /** Where it was read from. */
  public Path directory() {
    return files.directory();
  }

  /** What identifies the files that it was read from. */
  public String baseFingerprint() {
    return files.fingerprint();
  }

  /** Longest mRNA that it reads, in nucleotides, if no nucleotide of it is ambiguous. */
  public int maxNucleotides() {
    return EncoderDescription.maxNucleotides(config, tokenizer);
  }

  /** The tokenizer of its vocabulary. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What is trained of it. */
  public Settings settings() {
    return settings;
  }

  /**
   * What it learns: {@code layer.0.attention.query.lora_A.weight} and so on, or tensors under our
   * names, each after the prefix. They start so that the encoder is what was read.
   */
  public List<ParameterSpec> parameters() {
    return parameters;
  }

  /**
   * Runs the encoder.
   *
   * @param values of {@link #parameters}, perhaps among others
   * @param batch token sequences, special tokens included, none longer than the encoder reads
   * @param mode of the computation, that of the current scope
   * @param products precision of the computation's products, that of the current scope
   * @param seed of dropout; the same values with or without checkpoints
   */
  public Pass forward(
      Parameters values, List<Tokens> batch, Mode mode, Precision products, long seed) {
    return new Run(values, batch, mode, products, seed).forward();
  }

  /**
   * The scores of every token of the vocabulary.
   *
   * @param values see {@link #forward}
   * @param hidden some of the rows of hidden states, float32 [rows, hidden]
   * @return float32 [rows, vocabulary] in the current scope
   * @throws CodonfuseException if the file has no head for them
   */
  public Tensor logits(Parameters values, Tensor hidden) {
    Optional<Transformer.Head> head = trained.isEmpty() ? fixedHead : plain(tensors(values)).head();
    return transformer.logits(
        head.orElseThrow(
            () ->
                new CodonfuseException(
                    source.path()
                        + ": has no head for logits (lm_head); take another export of the model.")),
        hidden);
  }

  /** Number of its weights that stay as they were read, heads aside. */
  public long frozen() {
    return EncoderParameters.shapes(config).entrySet().stream()
        .filter(tensor -> !tensor.getKey().endsWith(EncoderParameters.FREQUENCIES))
        .filter(tensor -> !trained.contains(tensor.getKey()))
        .mapToLong(tensor -> tensor.getValue().size())
        .sum();
  }

  /**
   * About how many bytes a step takes for a batch of so many tokens, beyond the weights as they
   * were loaded and what is said of parameters.
   *
   * @param checkpoints whether layers are computed again, whatever the settings say
   */
  public long activationBytes(long tokens, boolean checkpoints) {
    boolean host = backend.device().kind() == Device.Kind.CPU;
    return ActivationSize.bytes(config, settings.tuning, tokens, checkpoints, host);
  }

  /**
   * Writes what was learned: an adapter in PEFT's layout, or a whole model directory.
   *
   * @param target the directory
   * @param values see {@link #forward}
   * @throws CodonfuseException if it cannot be written
   */
  public void write(Path target, Parameters values) {
    switch (settings.tuning) {
      case Tuning.Lora(LoraSettings lora, int lower) -> {
        AdaptableModules modules = AdaptableModules.of(config);
        LoraAdapter.Base base =
            new LoraAdapter.Base(
                Optional.of(files.directory().toString()),
                Optional.of(files.fingerprint()),
                Optional.empty());
        modules
            .adapter(
                modules.resolve(lora, lower),
                name -> values.get(settings.prefix + name).toFloats(),
                base)
            .write(target);
      }
      case Tuning.Full _ -> {
        Map<String, float[]> learned = new HashMap<>();
        trained.forEach(name -> learned.put(name, values.get(settings.prefix + name).toFloats()));
        try (PublishedEncoder whole = PublishedEncoder.open(files.directory(), learned)) {
          whole.write(target, Optional.of(StoredType.F32));
        }
      }
    }
  }

  private Function<String, Tensor> tensors(Parameters values) {
    return name -> trained.contains(name) ? values.get(settings.prefix + name) : weights.get(name);
  }

  private LayerAssembly plain(Function<String, Tensor> tensors) {
    return assembly(tensors, UnaryOperator.identity(), UnaryOperator.identity());
  }

  private LayerAssembly assembly(
      Function<String, Tensor> tensors, UnaryOperator<Tensor> weight, UnaryOperator<Tensor> bias) {
    return new LayerAssembly(backend, config, tensors, weight, bias, rotations);
  }

  @Override
  public void close() {
    owner.close();
    source.close();
  }

  /** The computation of one batch. */
  private final class Run implements Pass {
    private final Parameters values;
    private final Function<String, Tensor> tensors;
    private final List<Tokens> batch;
    private final Packing packing;
    private final Mode mode;
    private final Precision products;
    private final long seed;

    /**
     * What each trained layer reads, and last what comes after them, where there are checkpoints.
     */
    private final List<Tensor> inputs = new ArrayList<>();

    private Tensor hidden;

    Run(Parameters values, List<Tokens> batch, Mode mode, Precision products, long seed) {
      this.values = values;
      this.tensors = tensors(values);
      this.batch = batch;
      this.packing = Packing.of(batch.stream().mapToInt(Tokens::length).toArray());
      this.mode = mode;
      this.products = products;
      this.seed = seed;
    }

    private boolean checkpointed() {
      return settings.checkpointed && mode.differentiable();
    }

    private boolean trainsEmbeddings() {
      return trained.contains("embeddings.tokens.weight");
    }

    Pass forward() {
      Tensor h = embedded();
      for (int i = 0; i < config.layers(); i++) {
        boolean gradients = i >= frozenLayers;
        Mode how = gradients ? mode : Mode.INFERENCE;
        if (gradients && checkpointed()) {
          h = checkpoint(h, i);
        }
        // What a layer leaves behind goes at its end, or what no gradient needs would stay.
        try (Scope inner = backend.openScope(how, products)) {
          h = inner.keep(layer(h, i));
        }
      }
      if (checkpointed()) {
        h = detached(h);
        inputs.add(h);
      }
      hidden = transformer.last(plain(tensors).norm("norm"), h);
      return this;
    }

    private Tensor embedded() {
      Mode how = trainsEmbeddings() ? mode : Mode.INFERENCE;
      try (Scope inner = backend.openScope(how, products)) {
        return inner.keep(embeddings.of(tensors, batch, packing));
      }
    }

    private Tensor layer(Tensor h, int index) {
      if (mode == Mode.TRAINING) {
        backend.seed(Seeds.mix(seed, index));
      }
      return transformer.layer(assembled(index), h, packing);
    }

    private Transformer.Layer assembled(int index) {
      if (index < frozenLayers) {
        return fixed.get(index);
      }
      return updates
          .map(of -> of.updated(fixed.get(index), index, values))
          .orElseGet(() -> plain(tensors).layer(index));
    }

    /** Cuts the graph before a layer. */
    private Tensor checkpoint(Tensor h, int index) {
      // Nothing below the first trained layer needs its gradient, unless embeddings do.
      Tensor input = index > frozenLayers || trainsEmbeddings() ? detached(h) : h;
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
      for (int i = config.layers() - 1; i >= frozenLayers && gradient.isPresent(); i--) {
        Tensor input = inputs.get(i - frozenLayers);
        try (Scope _ = backend.openScope(mode, products)) {
          backend.backward(layer(input, i), gradient.get());
        }
        release(inputs.removeLast());
        release(gradient.get());
        gradient = backend.gradient(input);
      }
      if (trainsEmbeddings() && gradient.isPresent()) {
        try (Scope _ = backend.openScope(mode, products)) {
          backend.backward(embeddings.of(tensors, batch, packing), gradient.get());
        }
      }
    }

    private void release(Tensor tensor) {
      try (Scope last = backend.openScope(Mode.INFERENCE)) {
        last.adopt(tensor);
      }
    }
  }
}
