package org.codonfuse.encoder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.token.SpecialTokens;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokenizers;
import org.codonfuse.token.Tokens;
import org.codonfuse.token.Vocabulary;
import org.codonfuse.weights.SafetensorsFile;
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
  private static final String WEIGHTS = "model.safetensors";
  private static final List<String> FILES = List.of("config.json", "vocab.txt", WEIGHTS);

  /** Share of masked tokens that ESM-2 was trained with: 15 % chosen, 80 % of them masked. */
  private static final double TRAINED_MASK_SHARE = 0.15 * 0.8;

  private final Path directory;
  private final EncoderConfig config;
  private final Tokenizer tokenizer;
  private final Backend backend;
  private final TensorSource source;
  private final Scope owner;
  private final Map<String, Tensor> weights;
  private final float[][] frequencies;

  private Encoder(
      Path directory,
      EncoderConfig config,
      Tokenizer tokenizer,
      Backend backend,
      TensorSource source,
      Scope owner,
      Map<String, Tensor> weights) {
    this.directory = directory;
    this.config = config;
    this.tokenizer = tokenizer;
    this.backend = backend;
    this.source = source;
    this.owner = owner;
    this.weights = weights;
    this.frequencies = new float[config.rotary() ? config.layers() : 0][];
    for (int i = 0; i < frequencies.length; i++) {
      float[] stored = weights.get(layer(i) + EncoderParameters.FREQUENCIES).toFloats();
      frequencies[i] = i > 0 && Arrays.equals(stored, frequencies[0]) ? frequencies[0] : stored;
    }
  }

  /**
   * Reads a model directory: {@code config.json}, {@code vocab.txt} and {@code model.safetensors}
   * as they are published.
   *
   * @throws CodonfuseException that names the file and what is wrong with it
   */
  public static Encoder load(Backend backend, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new CodonfuseException(
          directory
              + ": no such model directory; give one with config.json, vocab.txt and"
              + " model.safetensors.");
    }
    EncoderConfig config = EncoderConfig.read(directory.resolve("config.json"));
    Path vocabularyFile = directory.resolve("vocab.txt");
    Vocabulary vocabulary = Vocabulary.read(vocabularyFile);
    if (vocabulary.size() > config.vocabularySize()) {
      throw new CodonfuseException(
          vocabularyFile
              + ": "
              + vocabulary.size()
              + " tokens where config.json has vocab_size "
              + config.vocabularySize()
              + "; the two belong to different models.");
    }
    Tokenizer tokenizer = Tokenizers.forVocabulary(vocabulary, Tokenizers.detect(vocabulary));
    requireSameIds(directory, config, tokenizer.special());
    TensorSource source = SafetensorsFile.open(directory.resolve(WEIGHTS));
    Scope owner = backend.newOwner();
    try {
      Map<String, Tensor> weights = EncoderParameters.load(backend, owner, config, source);
      return new Encoder(directory, config, tokenizer, backend, source, owner, weights);
    } catch (RuntimeException | Error e) {
      owner.close();
      source.close();
      throw e;
    }
  }

  private static void requireSameIds(Path directory, EncoderConfig config, SpecialTokens special) {
    if (special.pad() != config.padId() || special.mask() != config.maskId()) {
      throw new CodonfuseException(
          directory
              + ": config.json has pad_token_id "
              + config.padId()
              + " and mask_token_id "
              + config.maskId()
              + " where vocab.txt has "
              + special.pad()
              + " and "
              + special.mask()
              + "; the two belong to different models.");
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

  /** What identifies its bytes: a hash over configuration, vocabulary and weights. */
  public String fingerprint() {
    return Sha256.of(
        FILES.stream().map(directory::resolve).map(Sha256::of).collect(Collectors.joining(" ")));
  }

  /** Its configuration. */
  public EncoderConfig config() {
    return config;
  }

  /** The tokenizer of its vocabulary. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * The last hidden states, after the final layer normalisation.
   *
   * @param batch token sequences, special tokens included, none longer than {@link
   *     EncoderConfig#maxTokens()}
   * @return [batch, longest, hidden] in the current scope; rows of padding are meaningless
   */
  public Tensor forward(List<Tokens> batch) {
    int longest = batch.stream().mapToInt(Tokens::length).max().orElse(0);
    if (longest > config.maxTokens()) {
      throw new IllegalArgumentException(
          longest + " tokens, where the encoder reads at most " + config.maxTokens());
    }
    int[] lengths = batch.stream().mapToInt(Tokens::length).toArray();
    Mask mask = backend.mask(lengths, longest);
    Tensor h = embed(batch, longest);
    Rotation rotation = null;
    for (int i = 0; i < config.layers(); i++) {
      if (config.rotary()) {
        rotation = Rotation.of(backend, frequencies[i], longest, rotation);
      }
      h = backend.binary(Binary.ADD, h, attention(i, h, mask, rotation));
      h = backend.binary(Binary.ADD, h, feedForward(i, h));
    }
    return norm("norm", h);
  }

  private Tensor embed(List<Tokens> batch, int longest) {
    int size = batch.size();
    long[] ids = new long[Math.multiplyExact(size, longest)];
    long[] positions = new long[ids.length];
    float[] factors = new float[ids.length];
    Arrays.fill(ids, config.padId());
    Arrays.fill(positions, config.padId());
    for (int b = 0; b < size; b++) {
      int[] tokens = batch.get(b).ids();
      int masked = 0;
      for (int t = 0; t < tokens.length; t++) {
        ids[b * longest + t] = tokens[t];
        positions[b * longest + t] = config.padId() + 1L + t;
        masked += tokens[t] == config.maskId() ? 1 : 0;
      }
      double scale =
          config.tokenDropout()
              ? (1 - TRAINED_MASK_SHARE) / (1 - (double) masked / tokens.length)
              : 1;
      for (int t = 0; t < tokens.length; t++) {
        boolean dropped = config.tokenDropout() && tokens[t] == config.maskId();
        factors[b * longest + t] = dropped ? 0 : (float) scale;
      }
    }
    Tensor h = backend.embedding(weight("embeddings.tokens"), ids(ids, size, longest));
    if (config.tokenDropout()) {
      h = backend.binary(Binary.MULTIPLY, h, rows(factors, size, longest));
    }
    if (!config.rotary()) {
      Tensor table = weight("embeddings.positions");
      Tensor position = backend.embedding(table, ids(positions, size, longest));
      h = backend.binary(Binary.ADD, h, position);
    }
    return config.embeddingLayerNorm() ? norm("embeddings.norm", h) : h;
  }

  private Tensor attention(int i, Tensor h, Mask mask, Rotation rotation) {
    String name = layer(i) + "attention.";
    Tensor x = norm(name + "norm", h);
    Tensor q = linear(name + "query", x);
    Tensor k = linear(name + "key", x);
    Tensor v = linear(name + "value", x);
    if (rotation != null) {
      q = backend.rotary(q, rotation.cos(), rotation.sin(), config.heads());
      k = backend.rotary(k, rotation.cos(), rotation.sin(), config.heads());
    }
    double scale = 1 / Math.sqrt(config.headWidth());
    Tensor attended = backend.attention(q, k, v, mask, config.heads(), scale, 0);
    return linear(name + "output", attended);
  }

  private Tensor feedForward(int i, Tensor h) {
    Tensor x = linear(layer(i) + "intermediate", norm(layer(i) + "norm", h));
    if (config.gated()) {
      long inner = config.intermediateSize();
      Tensor gate = backend.unary(Unary.SILU, backend.narrow(x, -1, 0, inner));
      x = backend.binary(Binary.MULTIPLY, gate, backend.narrow(x, -1, inner, inner));
    } else {
      x = backend.unary(Unary.GELU, x);
    }
    return linear(layer(i) + "output", x);
  }

  private Tensor norm(String name, Tensor x) {
    return backend.layerNorm(
        x, weight(name), weights.get(name + ".bias"), config.layerNormEpsilon());
  }

  private Tensor linear(String name, Tensor x) {
    Tensor bias = weights.get(name + ".bias");
    return bias == null ? backend.linear(x, weight(name)) : backend.linear(x, weight(name), bias);
  }

  private Tensor weight(String name) {
    return weights.get(name + ".weight");
  }

  private Tensor ids(long[] ids, int batch, int longest) {
    return backend.tensor(ids, Shape.of(batch, longest));
  }

  private Tensor rows(float[] factors, int batch, int longest) {
    return backend.tensor(factors, Shape.of(batch, longest, 1));
  }

  private static String layer(int i) {
    return "layer." + i + ".";
  }

  @Override
  public void close() {
    owner.close();
    source.close();
  }
}
