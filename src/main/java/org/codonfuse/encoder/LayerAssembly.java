package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;

/** Lays the tensors of an encoder out as its layers multiply with them. */
final class LayerAssembly {
  /** What one product computes, in its order. */
  static final List<String> QUERY_KEY_VALUE = List.of("query", "key", "value");

  private final Backend backend;
  private final EncoderConfig config;
  private final Function<String, Tensor> tensors;
  private final UnaryOperator<Tensor> weight;
  private final UnaryOperator<Tensor> bias;
  private final List<Optional<Rotation>> rotations;

  /**
   * @param tensors by the names of {@link EncoderParameters}, null for what is not there
   * @param weight what becomes of a weight [out, in]
   * @param bias what becomes of a bias [out]
   * @param rotations by layer
   */
  LayerAssembly(
      Backend backend,
      EncoderConfig config,
      Function<String, Tensor> tensors,
      UnaryOperator<Tensor> weight,
      UnaryOperator<Tensor> bias,
      List<Optional<Rotation>> rotations) {
    this.backend = backend;
    this.config = config;
    this.tensors = tensors;
    this.weight = weight;
    this.bias = bias;
    this.rotations = rotations;
  }

  /**
   * The rotations of all layers.
   *
   * @param owner of their tensors
   */
  static List<Optional<Rotation>> rotations(
      Backend backend, Scope owner, EncoderConfig config, Function<String, Tensor> tensors) {
    Rotations made = new Rotations(backend, owner, config.maxTokens());
    List<Optional<Rotation>> rotations = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      rotations.add(
          Optional.ofNullable(tensors.apply("layer." + i + "." + EncoderParameters.FREQUENCIES))
              .map(frequencies -> made.of(frequencies.toFloats())));
    }
    return rotations;
  }

  /** One layer. */
  Transformer.Layer layer(int index) {
    String name = "layer." + index + ".";
    String attention = name + "attention.";
    Tensor wide = tensors.apply(name + "intermediate.weight");
    Optional<Tensor> wideBias = find(name + "intermediate.bias");
    long inner = config.intermediateSize();
    return new Transformer.Layer(
        norm(attention + "norm"),
        linear(sideBySide(attention, ".weight"), Optional.of(sideBySide(attention, ".bias"))),
        rotations.get(index),
        linear(attention + "output"),
        norm(name + "norm"),
        config.gated() ? Optional.of(part(wide, wideBias, 0, inner)) : Optional.empty(),
        part(wide, wideBias, config.gated() ? inner : 0, inner),
        linear(name + "output"));
  }

  private Tensor sideBySide(String attention, String kind) {
    return backend.concat(
        QUERY_KEY_VALUE.stream().map(part -> tensors.apply(attention + part + kind)).toList(), 0);
  }

  /** The head that scores tokens, if there is one. */
  Optional<Transformer.Head> head() {
    return find("head.bias")
        .map(
            shift ->
                new Transformer.Head(
                    linear("head.dense"),
                    norm("head.norm"),
                    linear(
                        find("head.decoder.weight")
                            .orElseGet(() -> tensors.apply("embeddings.tokens.weight")),
                        Optional.of(shift))));
  }

  /** A layer normalisation. */
  Transformer.Norm norm(String name) {
    return new Transformer.Norm(tensors.apply(name + ".weight"), tensors.apply(name + ".bias"));
  }

  private Linear part(Tensor whole, Optional<Tensor> shift, long start, long rows) {
    return linear(
        backend.narrow(whole, 0, start, rows), shift.map(b -> backend.narrow(b, 0, start, rows)));
  }

  private Linear linear(String name) {
    return linear(tensors.apply(name + ".weight"), find(name + ".bias"));
  }

  private Linear linear(Tensor whole, Optional<Tensor> shift) {
    return new Linear(weight.apply(whole), shift.map(bias));
  }

  private Optional<Tensor> find(String name) {
    return Optional.ofNullable(tensors.apply(name));
  }
}
