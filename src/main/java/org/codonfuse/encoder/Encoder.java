package org.codonfuse.encoder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
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
  /** Share of masked tokens that ESM-2 was trained with: 15 % chosen, 80 % of them masked. */
  private static final double TRAINED_MASK_SHARE = 0.15 * 0.8;

  private final Path directory;
  private final List<Path> weightFiles;
  private final EncoderConfig config;
  private final Tokenizer tokenizer;
  private final Backend backend;
  private final TensorSource source;
  private final Scope owner;
  private final Map<String, Tensor> weights;
  private final Precision precision;

  /** The fingerprint of the adapter whose updates are in the weights. */
  private final Optional<String> adapter;

  private final Transformer transformer;

  /** Computed when it is first asked for: it reads all weights. */
  private SequencedMap<String, String> fileHashes;

  private Encoder(
      Path directory,
      List<Path> weightFiles,
      EncoderConfig config,
      Tokenizer tokenizer,
      Backend backend,
      TensorSource source,
      Scope owner,
      Precision precision,
      Optional<String> adapter) {
    this.directory = directory;
    this.weightFiles = weightFiles;
    this.config = config;
    this.tokenizer = tokenizer;
    this.backend = backend;
    this.source = source;
    this.owner = owner;
    this.precision = precision;
    this.adapter = adapter;
    this.weights = EncoderParameters.load(backend, owner, config, source);
    this.transformer = new Transformer(backend, owner, config, weights, precision);
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
              directory,
              checkpoint.files(),
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
    int tokens = config.maxTokens() - tokenizer.added();
    return switch (tokenizer.molecule()) {
      case RNA -> tokens;
      case PROTEIN -> Math.multiplyExact(3, tokens);
      case DNA -> Math.multiplyExact(6, tokens);
    };
  }

  /** Where it was read from. */
  public Path directory() {
    return directory;
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
    return EncoderDescription.fingerprint(fileHashes().values());
  }

  /** SHA-256 of its files by name: configuration, vocabulary, weights. */
  public synchronized SequencedMap<String, String> fileHashes() {
    if (fileHashes == null) {
      SequencedMap<String, String> hashes = new LinkedHashMap<>();
      Stream.concat(EncoderDescription.files(directory).stream(), weightFiles.stream())
          .forEach(file -> hashes.put(file.getFileName().toString(), Sha256.of(file)));
      fileHashes = Collections.unmodifiableSequencedMap(hashes);
    }
    return fileHashes;
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
    if (layer.logits() && !transformer.hasHead()) {
      throw new CodonfuseException(
          source.path()
              + ": has no head for logits (lm_head); take the hidden states or another export of"
              + " the model.");
    }
    for (Tokens tokens : batch) {
      if (tokens.length() > config.maxTokens()) {
        throw new IllegalArgumentException(
            tokens.length() + " tokens, where the encoder reads at most " + config.maxTokens());
      }
    }
    List<Tensor> pieces = new ArrayList<>();
    int from = 0;
    do {
      int to = end(batch, from);
      List<Tokens> piece = batch.subList(from, to);
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        Packing packing = Packing.of(piece.stream().mapToInt(Tokens::length).toArray());
        Tensor hidden = transformer.forward(embed(piece, packing), packing, layer);
        pieces.add(scope.keep(hidden));
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

  private Tensor embed(List<Tokens> batch, Packing packing) {
    int rows = packing.rows();
    long[] ids = new long[rows];
    long[] positions = new long[rows];
    float[] factors = new float[rows];
    for (int b = 0; b < batch.size(); b++) {
      int[] tokens = batch.get(b).ids();
      long masked = Arrays.stream(tokens).filter(id -> id == config.maskId()).count();
      // ESM-2 rescales what dropping whole tokens in training did to the sum.
      float scale =
          config.tokenDropout()
              ? (float) ((1 - TRAINED_MASK_SHARE) / (1 - (double) masked / tokens.length))
              : 1;
      for (int t = 0; t < tokens.length; t++) {
        int row = packing.start(b) + t;
        ids[row] = tokens[t];
        positions[row] = config.padId() + 1L + t;
        factors[row] = config.tokenDropout() && tokens[t] == config.maskId() ? 0 : scale;
      }
    }
    Tensor h = lookup("embeddings.tokens.weight", ids);
    if (config.tokenDropout()) {
      h = backend.binary(Binary.MULTIPLY, h, backend.tensor(factors, Shape.of(rows, 1)));
    }
    if (!config.rotary()) {
      h = backend.binary(Binary.ADD, h, lookup("embeddings.positions.weight", positions));
    }
    return config.embeddingLayerNorm()
        ? backend.layerNorm(
            h,
            weights.get("embeddings.norm.weight"),
            weights.get("embeddings.norm.bias"),
            config.layerNormEpsilon())
        : h;
  }

  private Tensor lookup(String table, long[] ids) {
    return backend.embedding(weights.get(table), backend.tensor(ids, Shape.of(ids.length)));
  }

  @Override
  public void close() {
    owner.close();
    source.close();
  }
}
