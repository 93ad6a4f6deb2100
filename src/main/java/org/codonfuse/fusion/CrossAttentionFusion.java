package org.codonfuse.fusion;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * Cross-modal multi-head attention (BioLangFusion, equation 5): the codons of every stream attend
 * to the codons of all streams, C = [H_1; …; H_M] along time; Z_m = LayerNorm(H_m + O_m A_m); the
 * result is LayerNorm(mean of the Z_m + Linear([Z_1 ‖ … ‖ Z_M])).
 */
public final class CrossAttentionFusion implements Fusion {
  private static final double EPSILON = 1e-5;
  private static final String MERGE = "fusion.merge";
  private static final String NORM = "fusion.norm.fused";

  private final FusionConfig.CrossAttention config;
  private final Projections projections;

  /**
   * @param streams at least two
   * @param config its settings
   */
  public CrossAttentionFusion(List<StreamSpec> streams, FusionConfig.CrossAttention config) {
    this.config = config;
    this.projections =
        new Projections(new CodonStreams(streams, config.upsampling()), config.modelDim());
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public List<StreamSpec> streams() {
    return projections.codons().streams();
  }

  @Override
  public int width() {
    return config.modelDim();
  }

  @Override
  public List<ParameterSpec> parameters() {
    int width = config.modelDim();
    List<ParameterSpec> specs = new ArrayList<>(projections.parameters());
    for (StreamSpec stream : streams()) {
      for (String layer : List.of("query", "key", "value", "output")) {
        specs.addAll(ParameterSpec.linear(attention(stream, layer), width, width));
      }
      specs.addAll(ParameterSpec.layerNorm(norm(stream), width));
    }
    specs.addAll(ParameterSpec.linear(MERGE, (long) width * streams().size(), width));
    specs.addAll(ParameterSpec.layerNorm(NORM, width));
    return specs;
  }

  @Override
  public List<Tensor> align(Backend backend, Parameters parameters, Batch batch) {
    return projections.codons().align(backend, parameters, batch);
  }

  @Override
  public Fused fuse(Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned) {
    Mask mask = CodonStreams.mask(backend, batch);
    List<Tensor> hidden = hidden(backend, parameters, mask, aligned);
    Tensor context = backend.concat(hidden, 1);
    Mask keys =
        new Mask(backend.concat(Collections.nCopies(hidden.size(), mask.valid()), 1), mask.full());
    // Every stream has its own keys and values, but all have those of the same codons.
    List<String> layers =
        streams().stream()
            .flatMap(s -> Stream.of(attention(s, "key"), attention(s, "value")))
            .toList();
    List<Tensor> projected = Layers.linears(backend, parameters, layers, context);
    List<Tensor> attended = new ArrayList<>();
    Tensor sum = null;
    for (int m = 0; m < hidden.size(); m++) {
      Tensor key = projected.get(2 * m);
      Tensor value = projected.get(2 * m + 1);
      Tensor z = attend(backend, parameters, streams().get(m), hidden.get(m), key, value, keys);
      attended.add(z);
      sum = sum == null ? z : backend.binary(Binary.ADD, sum, z);
    }
    Tensor merged = Layers.linear(backend, parameters, MERGE, backend.concat(attended, 2));
    Tensor mean = backend.affine(sum, 1.0 / hidden.size(), 0);
    return Fused.of(
        norm(backend, parameters, NORM, backend.binary(Binary.ADD, mean, merged)), mask);
  }

  /** H_m; a weight of zero times a padding of NaN would be NaN. */
  private List<Tensor> hidden(
      Backend backend, Parameters parameters, Mask mask, List<Tensor> aligned) {
    return projections.forward(backend, parameters, aligned).stream()
        .map(h -> mask.full() ? h : backend.maskedFill(h, mask, 0))
        .toList();
  }

  /**
   * The attention weights of one sequence: who looks at whom.
   *
   * @param batch one sequence
   * @param aligned see {@link #align}
   * @return for every stream that looks [head, codon, stream · codon], softmax over the last axis
   */
  public List<Tensor> attentionWeights(
      Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned) {
    if (batch.size() != 1) {
      throw new IllegalArgumentException("Attention weights of " + batch.size() + " sequences");
    }
    List<Tensor> hidden = hidden(backend, parameters, CodonStreams.mask(backend, batch), aligned);
    Tensor context = backend.concat(hidden, 1);
    List<Tensor> weights = new ArrayList<>();
    for (int m = 0; m < hidden.size(); m++) {
      StreamSpec stream = streams().get(m);
      Tensor query = heads(backend, parameters, attention(stream, "query"), hidden.get(m));
      Tensor key = heads(backend, parameters, attention(stream, "key"), context);
      Tensor scores = backend.matmul(query, backend.transpose(key, 1, 2));
      weights.add(backend.softmax(backend.affine(scores, scale(), 0)));
    }
    return weights;
  }

  /** A projection of one sequence as [head, position, width of a head]. */
  private Tensor heads(Backend backend, Parameters parameters, String layer, Tensor x) {
    Tensor projected = Layers.linear(backend, parameters, layer, x);
    long positions = projected.shape().dim(1);
    int heads = config.heads();
    return backend.transpose(
        backend.reshape(projected, Shape.of(positions, heads, config.modelDim() / heads)), 0, 1);
  }

  private double scale() {
    return 1 / Math.sqrt((double) config.modelDim() / config.heads());
  }

  private Tensor attend(
      Backend backend,
      Parameters parameters,
      StreamSpec stream,
      Tensor hidden,
      Tensor key,
      Tensor value,
      Mask keys) {
    Tensor heads =
        backend.attention(
            Layers.linear(backend, parameters, attention(stream, "query"), hidden),
            key,
            value,
            keys,
            config.heads(),
            scale(),
            config.dropout());
    Tensor output = Layers.linear(backend, parameters, attention(stream, "output"), heads);
    return norm(backend, parameters, norm(stream), backend.binary(Binary.ADD, hidden, output));
  }

  private static Tensor norm(Backend backend, Parameters parameters, String name, Tensor x) {
    return backend.layerNorm(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), EPSILON);
  }

  private static String attention(StreamSpec stream, String layer) {
    return "fusion.attention." + stream.name() + "." + layer;
  }

  private static String norm(StreamSpec stream) {
    return "fusion.norm." + stream.name();
  }
}
