package org.codonfuse.encoder;

import java.util.List;
import java.util.function.Function;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.token.Tokens;

/** What an encoder's first layer reads: the vectors of tokens, and of positions where there are. */
final class TokenEmbeddings {
  /** Share of masked tokens that ESM-2 was trained with: 15 % chosen, 80 % of them masked. */
  private static final double TRAINED_MASK_SHARE = 0.15 * 0.8;

  private final Backend backend;
  private final EncoderConfig config;

  TokenEmbeddings(Backend backend, EncoderConfig config) {
    this.backend = backend;
    this.config = config;
  }

  /**
   * Looks tokens up.
   *
   * @param weights by the names of {@link EncoderParameters}
   * @param packing of the batch
   * @return float32 [tokens of all sequences, hidden]
   * @throws IllegalArgumentException if a sequence is longer than the encoder reads
   */
  Tensor of(Function<String, Tensor> weights, List<Tokens> batch, Packing packing) {
    int rows = packing.rows();
    long[] ids = new long[rows];
    long[] positions = new long[config.rotary() ? 0 : rows];
    float[] factors = new float[config.tokenDropout() ? rows : 0];
    for (int b = 0; b < batch.size(); b++) {
      int[] tokens = batch.get(b).ids();
      if (tokens.length > config.maxTokens()) {
        throw new IllegalArgumentException(
            tokens.length + " tokens, where the encoder reads at most " + config.maxTokens());
      }
      int start = packing.start(b);
      for (int t = 0; t < tokens.length; t++) {
        ids[start + t] = tokens[t];
      }
      if (config.tokenDropout()) {
        rescale(tokens, factors, start);
      }
      if (!config.rotary()) {
        for (int t = 0; t < tokens.length; t++) {
          positions[start + t] = config.padId() + 1L + t;
        }
      }
    }
    Tensor h = lookup(weights, "embeddings.tokens.weight", ids);
    if (config.tokenDropout()) {
      h = backend.binary(Binary.MULTIPLY, h, backend.tensor(factors, Shape.of(rows, 1)));
    }
    if (!config.rotary()) {
      h = backend.binary(Binary.ADD, h, lookup(weights, "embeddings.positions.weight", positions));
    }
    return config.embeddingLayerNorm()
        ? backend.layerNorm(
            h,
            weights.apply("embeddings.norm.weight"),
            weights.apply("embeddings.norm.bias"),
            config.layerNormEpsilon())
        : h;
  }

  /** ESM-2 rescales what dropping whole tokens in training did to the sum. */
  private void rescale(int[] tokens, float[] factors, int start) {
    int mask = config.maskId();
    int masked = 0;
    for (int id : tokens) {
      masked += id == mask ? 1 : 0;
    }
    float scale = (float) ((1 - TRAINED_MASK_SHARE) / (1 - (double) masked / tokens.length));
    for (int t = 0; t < tokens.length; t++) {
      factors[start + t] = tokens[t] == mask ? 0 : scale;
    }
  }

  private Tensor lookup(Function<String, Tensor> weights, String table, long[] ids) {
    return backend.embedding(weights.apply(table), backend.tensor(ids, Shape.of(ids.length)));
  }
}
