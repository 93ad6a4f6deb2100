package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
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
  private final TrainableLayers layers;

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
    this.layers = new TrainableLayers(backend, config, settings, source, owner);
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
    return layers.parameters();
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
    return new EncoderPass(
        backend, layers, values, batch, mode, products, seed, settings.checkpointed);
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
    return layers
        .logits(hidden, values)
        .orElseThrow(
            () ->
                new CodonfuseException(
                    source.path()
                        + ": has no head for logits (lm_head); take another export of the"
                        + " model."));
  }

  /** Number of its weights that stay as they were read, heads aside. */
  public long frozen() {
    return EncoderParameters.shapes(config).entrySet().stream()
        .filter(tensor -> !tensor.getKey().endsWith(EncoderParameters.FREQUENCIES))
        .filter(tensor -> !layers.trained().contains(tensor.getKey()))
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
        for (String name : layers.trained()) {
          learned.put(name, values.get(settings.prefix + name).toFloats());
        }
        try (PublishedEncoder whole = PublishedEncoder.open(files.directory(), learned)) {
          whole.write(target, Optional.of(StoredType.F32));
        }
      }
    }
  }

  @Override
  public void close() {
    owner.close();
    source.close();
  }
}
