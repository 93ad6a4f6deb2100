package org.codonfuse.encoder;

import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/**
 * What the layers of an encoder compute, whatever tensors they are given: packed ones for
 * inference, parameters for training. In reduced precision the products and the hidden states
 * between them are of the reduced type; layer normalisation, rotation and softmax are computed in
 * float32.
 */
final class Transformer {
  record Norm(Tensor weight, Tensor bias) {}

  /**
   * One layer.
   *
   * @param queryKeyValue queries, keys and values in one product
   * @param gate the first half of a gated feed-forward network; shares the inner factor of its
   *     update with {@code intermediate}
   */
  record Layer(
      Norm attentionNorm,
      Linear queryKeyValue,
      Optional<Rotation> rotation,
      Linear attentionOutput,
      Norm norm,
      Optional<Linear> gate,
      Linear intermediate,
      Linear output) {}

  /** The head that turns hidden states into scores of tokens. */
  record Head(Linear dense, Norm norm, Linear decoder) {}

  private final Backend backend;
  private final EncoderConfig config;
  private final DType dtype;
  private final double dropout;

  /**
   * @param dtype of hidden states and products
   * @param dropout of what updates read
   */
  Transformer(Backend backend, EncoderConfig config, DType dtype, double dropout) {
    this.backend = backend;
    this.config = config;
    this.dtype = dtype;
    this.dropout = dropout;
  }

  /**
   * Runs one layer.
   *
   * @param h [rows, hidden]
   * @return [rows, hidden]
   */
  Tensor layer(Layer layer, Tensor h, Packing packing) {
    double scale = 1 / Math.sqrt(config.headWidth());
    Tensor qkv = linear(norm(layer.attentionNorm, h), layer.queryKeyValue, Epilogue.NONE);
    Tensor attended = backend.selfAttention(qkv, packing, config.heads(), scale, layer.rotation);
    Tensor residual = linear(attended, layer.attentionOutput, plus(h));
    Tensor x = norm(layer.norm, residual);
    Optional<Tensor> low = layer.intermediate.low(backend, x, dropout);
    Tensor inner =
        layer
            .gate
            .map(
                gate -> {
                  Tensor open = gate.apply(backend, x, low, new Epilogue.Function(Unary.SILU));
                  return layer.intermediate.apply(
                      backend, x, low, new Epilogue.Combination(Binary.MULTIPLY, open));
                })
            .orElseGet(
                () -> layer.intermediate.apply(backend, x, low, new Epilogue.Function(Unary.GELU)));
    return linear(inner, layer.output, plus(residual));
  }

  /**
   * The last hidden states.
   *
   * @param h [rows, hidden]
   * @return float32 [rows, hidden]
   */
  Tensor last(Norm norm, Tensor h) {
    return norm(norm, backend.cast(h, DType.FLOAT32));
  }

  /**
   * The scores of every token of the vocabulary.
   *
   * @param hidden float32 [rows, hidden], the last hidden states
   * @return float32 [rows, vocabulary]
   */
  Tensor logits(Head head, Tensor hidden) {
    Tensor x =
        head.dense.apply(backend, backend.cast(hidden, dtype), new Epilogue.Function(Unary.GELU));
    return backend.cast(
        head.decoder.apply(backend, norm(head.norm, x), Epilogue.NONE), DType.FLOAT32);
  }

  private Tensor linear(Tensor x, Linear layer, Epilogue epilogue) {
    return layer.apply(backend, x, layer.low(backend, x, dropout), epilogue);
  }

  private Tensor norm(Norm norm, Tensor x) {
    return backend.layerNorm(x, norm.weight, norm.bias, config.layerNormEpsilon());
  }

  private static Epilogue plus(Tensor residual) {
    return new Epilogue.Combination(Binary.ADD, residual);
  }
}
