package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/**
 * The layers of an encoder, laid out for inference: queries, keys and values in one product,
 * weights packed, functions and residuals computed with the product before them. In reduced
 * precision the products and the hidden states between them are of the reduced type; layer
 * normalisation, rotation and softmax are computed in float32.
 */
final class Transformer {
  private record Linear(Tensor weight, Optional<Tensor> bias) {}

  private record Norm(Tensor weight, Tensor bias) {}

  /**
   * One layer.
   *
   * @param gate the first half of a gated feed-forward network
   */
  private record Layer(
      Norm attentionNorm,
      Linear queryKeyValue,
      Optional<Rotation> rotation,
      Linear attentionOutput,
      Norm norm,
      Optional<Linear> gate,
      Linear intermediate,
      Linear output) {}

  /** The head that turns hidden states into scores of tokens. */
  private record Head(Linear dense, Norm norm, Linear decoder) {}

  private final Backend backend;
  private final EncoderConfig config;
  private final DType dtype;
  private final Scope owner;
  private final List<Layer> layers = new ArrayList<>();
  private final Norm norm;
  private final Optional<Head> head;

  /**
   * @param owner of the tensors made here
   * @param weights float32 under the names of {@link EncoderParameters}
   */
  Transformer(
      Backend backend,
      Scope owner,
      EncoderConfig config,
      Map<String, Tensor> weights,
      Precision precision) {
    this.backend = backend;
    this.config = config;
    this.dtype = precision.dtype();
    this.owner = owner;
    Rotations rotations = new Rotations(backend, owner, config.maxTokens());
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      for (int i = 0; i < config.layers(); i++) {
        layers.add(layer(weights, "layer." + i + ".", rotations));
      }
      norm = norm(weights, "norm");
      head = head(weights);
    }
  }

  private Layer layer(Map<String, Tensor> weights, String name, Rotations rotations) {
    String attention = name + "attention.";
    List<String> parts = List.of("query", "key", "value");
    Tensor weight =
        backend.concat(
            parts.stream().map(part -> weights.get(attention + part + ".weight")).toList(), 0);
    Tensor bias =
        backend.concat(
            parts.stream().map(part -> weights.get(attention + part + ".bias")).toList(), 0);
    Optional<Rotation> rotation =
        Optional.ofNullable(weights.get(name + EncoderParameters.FREQUENCIES))
            .map(frequencies -> rotations.of(frequencies.toFloats()));
    Tensor wide = weights.get(name + "intermediate.weight");
    Optional<Tensor> wideBias = Optional.ofNullable(weights.get(name + "intermediate.bias"));
    long inner = config.intermediateSize();
    return new Layer(
        norm(weights, attention + "norm"),
        linear(weight, Optional.of(bias)),
        rotation,
        linear(weights, attention + "output"),
        norm(weights, name + "norm"),
        config.gated() ? Optional.of(part(wide, wideBias, 0, inner)) : Optional.empty(),
        part(wide, wideBias, config.gated() ? inner : 0, inner),
        linear(weights, name + "output"));
  }

  private Optional<Head> head(Map<String, Tensor> weights) {
    if (!weights.containsKey("head.bias")) {
      return Optional.empty();
    }
    Tensor decoder =
        weights.getOrDefault("head.decoder.weight", weights.get("embeddings.tokens.weight"));
    return Optional.of(
        new Head(
            linear(weights, "head.dense"),
            norm(weights, "head.norm"),
            linear(decoder, Optional.of(weights.get("head.bias")))));
  }

  private Linear part(Tensor weight, Optional<Tensor> bias, long start, long rows) {
    return linear(
        backend.narrow(weight, 0, start, rows), bias.map(b -> backend.narrow(b, 0, start, rows)));
  }

  private Linear linear(Map<String, Tensor> weights, String name) {
    return linear(weights.get(name + ".weight"), Optional.ofNullable(weights.get(name + ".bias")));
  }

  private Linear linear(Tensor weight, Optional<Tensor> bias) {
    return new Linear(
        owned(backend.pack(backend.cast(weight, dtype))),
        bias.map(b -> owned(backend.cast(b, dtype))));
  }

  private Norm norm(Map<String, Tensor> weights, String name) {
    return new Norm(weights.get(name + ".weight"), weights.get(name + ".bias"));
  }

  private Tensor owned(Tensor tensor) {
    return owner.adopt(tensor);
  }

  /** Whether there is a head for {@link EncoderLayer#LOGITS}. */
  boolean hasHead() {
    return head.isPresent();
  }

  /**
   * Runs the layers.
   *
   * @param embeddings float32 [rows, hidden]
   * @return float32 [rows, width]
   */
  Tensor forward(Tensor embeddings, Packing packing, EncoderLayer layer) {
    int count = layer.depth(config);
    Tensor h = embeddings;
    if (count > 0) {
      h = backend.cast(h, dtype);
    }
    for (Layer each : layers.subList(0, count)) {
      // What a layer leaves behind goes at its end, or a deep encoder would hold all of it.
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        h = scope.keep(layer(each, h, packing));
      }
    }
    h = backend.cast(h, DType.FLOAT32);
    if (count == config.layers()) {
      h = norm(norm, h);
    }
    return layer.logits() ? logits(h) : h;
  }

  private Tensor layer(Layer layer, Tensor h, Packing packing) {
    double scale = 1 / Math.sqrt(config.headWidth());
    Tensor qkv = linear(norm(layer.attentionNorm, h), layer.queryKeyValue, Epilogue.NONE);
    Tensor attended = backend.selfAttention(qkv, packing, config.heads(), scale, layer.rotation);
    Tensor residual = linear(attended, layer.attentionOutput, plus(h));
    Tensor x = norm(layer.norm, residual);
    Tensor inner =
        layer
            .gate
            .map(
                gate -> {
                  Tensor open = linear(x, gate, new Epilogue.Function(Unary.SILU));
                  return linear(
                      x, layer.intermediate, new Epilogue.Combination(Binary.MULTIPLY, open));
                })
            .orElseGet(() -> linear(x, layer.intermediate, new Epilogue.Function(Unary.GELU)));
    return linear(inner, layer.output, plus(residual));
  }

  private Tensor logits(Tensor hidden) {
    Head scores = head.orElseThrow(() -> new IllegalStateException("There is no head for logits"));
    Tensor x = linear(backend.cast(hidden, dtype), scores.dense, new Epilogue.Function(Unary.GELU));
    return backend.cast(linear(norm(scores.norm, x), scores.decoder, Epilogue.NONE), DType.FLOAT32);
  }

  private Tensor linear(Tensor x, Linear layer, Epilogue epilogue) {
    return backend.linear(x, layer.weight, layer.bias, epilogue);
  }

  private Tensor norm(Norm norm, Tensor x) {
    return backend.layerNorm(x, norm.weight, norm.bias, config.layerNormEpsilon());
  }

  private static Epilogue plus(Tensor residual) {
    return new Epilogue.Combination(Binary.ADD, residual);
  }
}
