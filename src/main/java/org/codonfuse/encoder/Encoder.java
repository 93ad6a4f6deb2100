package org.codonfuse.encoder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.TensorSource;

/**
 * A biological language model: the one pre-norm transformer that ESM-2, Nucleotide Transformer v2
 * and RNA-FM are configurations of.
 *
 * <p>Owns its weights, which refer to the mapped weight file; closing releases both. May be used by
 * several threads at once, each with its own scope.
 */
public final class Encoder implements AutoCloseable {
  private final EncoderFiles files;
  private final EncoderConfig config;
  private final Tokenizer tokenizer;
  private final Backend backend;
  private final TensorSource source;
  private final Scope owner;
  private final Map<String, Tensor> weights;
  private final Precision precision;

  /** The fingerprint of the adapter whose updates are in the weights. */
  private final Optional<String> adapter;

  private final TokenEmbeddings embeddings;
  private final Transformer transformer;
  private final List<Transformer.Layer> layers = new ArrayList<>();
  private final Transformer.Norm norm;
  private final Optional<Transformer.Head> head;

  private Encoder(
      EncoderFiles files,
      EncoderConfig config,
      Tokenizer tokenizer,
      Backend backend,
      TensorSource source,
      Scope owner,
      Precision precision,
      Optional<String> adapter) {
    this.files = files;
    this.config = config;
    this.tokenizer = tokenizer;
    this.backend = backend;
    this.source = source;
    this.owner = owner;
    this.precision = precision;
    this.adapter = adapter;
    this.weights = EncoderParameters.load(backend, owner, config, source);
    this.embeddings = new TokenEmbeddings(backend, config);
    DType dtype = precision.dtype();
    this.transformer = new Transformer(backend, config, dtype, 0);
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      LayerAssembly assembly =
          new LayerAssembly(
              backend,
              config,
              weights::get,
              weight -> owner.adopt(backend.pack(backend.cast(weight, dtype))),
              bias -> owner.adopt(backend.cast(bias, dtype)),
              LayerAssembly.rotations(backend, owner, config, weights::get));
      for (int i = 0; i < config.layers(); i++) {
        layers.add(assembly.layer(i));
      }
      norm = assembly.norm("norm");
      head = assembly.head();
    }
  }

  /** Reads a model directory to compute in float32; see {@link #load(Backend, Path, Precision)}. */
  public static Encoder load(Backend backend, Path directory) {
    return load(backend, directory, Precision.FLOAT32);
  }

  /**
   * Reads a model directory: {@code config.json}, {@code vocab.txt} and the weights as they are
   * published, see {@link Checkpoint#find}.
   *
   * @param precision what the matrix products compute in
   * @throws CodonfuseException that names the file and what is wrong with it
   */
  public static Encoder load(Backend backend, Path directory, Precision precision) {
    return load(backend, directory, precision, Optional.empty());
  }

  /**
   * Reads a model directory and adds the updates of an adapter to the weights, in float32: what it
   * computes costs no more than without.
   *
   * @param precision what the matrix products compute in
   * @throws CodonfuseException that names the file and what is wrong with it, or the adapter and
   *     why it is not for this model
   */
  public static Encoder load(
      Backend backend, Path directory, Precision precision, Optional<LoraAdapter> adapter) {
    if (!Files.isDirectory(directory)) {
      throw new CodonfuseException(
          directory
              + ": no such model directory; give one with config.json, vocab.txt and"
              + " model.safetensors, or weights of another kind.");
    }
    EncoderDescription description = EncoderDescription.read(directory);
    EncoderConfig config = description.config();
    Tokenizer tokenizer = description.tokenizer();
    Checkpoint checkpoint = Checkpoint.find(directory);
    TensorSource source = checkpoint.open();
    Scope owner = backend.newOwner();
    try {
      Encoder encoder =
          new Encoder(
              new EncoderFiles(directory, checkpoint.files()),
              config,
              tokenizer,
              backend,
              adapter.isEmpty() ? source : new AdaptedSource(config, source, adapter.get()),
              owner,
              precision,
              adapter.map(LoraAdapter::fingerprint));
      adapter.ifPresent(a -> a.requireBase(directory, encoder::baseFingerprint));
      return encoder;
    } catch (RuntimeException | Error e) {
      owner.close();
      source.close();
      throw e;
    }
  }

  /** Longest mRNA that it reads, in nucleotides, if no nucleotide of it is ambiguous. */
  public int maxNucleotides() {
    return EncoderDescription.maxNucleotides(config, tokenizer);
  }

  /** Where it was read from. */
  public Path directory() {
    return files.directory();
  }

  /**
   * What identifies what it computes: a hash over configuration, vocabulary, weights and, if there
   * is one, the adapter.
   */
  public String fingerprint() {
    return adapter.map(hash -> Sha256.of(baseFingerprint() + " " + hash)).orElse(baseFingerprint());
  }

  /** What identifies its files, whatever the adapter. */
  public String baseFingerprint() {
    return files.fingerprint();
  }

  /** SHA-256 of its files by name: configuration, vocabulary, weights. */
  public SequencedMap<String, String> fileHashes() {
    return files.hashes();
  }

  /** Its configuration. */
  public EncoderConfig config() {
    return config;
  }

  /** What its matrix products compute in. */
  public Precision precision() {
    return precision;
  }

  /** The tokenizer of its vocabulary. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The last hidden states; see {@link #forward(List, EncoderLayer)}. */
  public Tensor forward(List<Tokens> batch) {
    return forward(batch, EncoderLayer.LAST);
  }

  /**
   * Runs the encoder. A sequence's rows do not depend on the others'. Computes results only: they
   * cannot be differentiated.
   *
   * @param batch token sequences, special tokens included, none longer than {@link
   *     EncoderConfig#maxTokens()}
   * @param layer what of it is wanted
   * @return float32 [tokens of all sequences, {@link EncoderLayer#width}] in the current scope, the
   *     sequences one after the other
   * @throws CodonfuseException if logits are wanted and the weight file has no head for them
   */
  public Tensor forward(List<Tokens> batch, EncoderLayer layer) {
    if (layer.logits() && head.isEmpty()) {
      throw new CodonfuseException(
          source.path()
              + ": has no head for logits (lm_head); take the hidden states or another export of"
              + " the model.");
    }
    List<Tensor> pieces = new ArrayList<>();
    int from = 0;
    do {
      int to = end(batch, from);
      List<Tokens> piece = batch.subList(from, to);
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        Packing packing = Packing.of(piece.stream().mapToInt(Tokens::length).toArray());
        pieces.add(scope.keep(forward(piece, packing, layer)));
      }
      from = to;
    } while (from < batch.size());
    return pieces.size() == 1 ? pieces.getFirst() : backend.concat(pieces, 0);
  }

  /** The end of the sequences from one on that the backend computes at once, at least that one. */
  private int end(List<Tokens> batch, int from) {
    int to = from;
    long rows = 0;
    long most = backend.valuesAtOnce() / config.intermediateSize();
    while (to < batch.size() && (to == from || rows + batch.get(to).length() <= most)) {
      rows += batch.get(to++).length();
    }
    return to;
  }

  private Tensor forward(List<Tokens> batch, Packing packing, EncoderLayer layer) {
    int depth = layer.depth(config);
    Tensor h = embeddings.of(weights::get, batch, packing);
    if (depth > 0) {
      h = backend.cast(h, precision.dtype());
    }
    for (Transformer.Layer each : layers.subList(0, depth)) {
      // What a layer leaves behind goes at its end, or a deep encoder would hold all of it.
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        h = scope.keep(transformer.layer(each, h, packing));
      }
    }
    if (depth < config.layers()) {
      return backend.cast(h, DType.FLOAT32);
    }
    Tensor hidden = transformer.last(norm, h);
    return layer.logits() ? transformer.logits(head.orElseThrow(), hidden) : hidden;
  }

  @Override
  public void close() {
    owner.close();
    source.close();
  }
}
