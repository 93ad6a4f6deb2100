package org.codonfuse.encoder;

import java.util.Arrays;
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
    long[] positions = new long[rows];
    float[] factors = new float[rows];
    for (int b = 0; b < batch.size(); b++) {
      int[] tokens = batch.get(b).ids();
      if (tokens.length > config.maxTokens()) {
        throw new IllegalArgumentException(
            tokens.length + " tokens, where the encoder reads at most " + config.maxTokens());
      }
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

  private Tensor lookup(Function<String, Tensor> weights, String table, long[] ids) {
    return backend.embedding(weights.apply(table), backend.tensor(ids, Shape.of(ids.length)));
  }
}
