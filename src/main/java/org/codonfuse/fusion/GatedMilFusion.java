package org.codonfuse.fusion;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.parameters.Initializer;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * Entropy-regularised gated attention over modalities, in the manner of multiple instance learning
 * (BioLangFusion, equations 3 and 4): a gate scores the mean of every projected stream, α =
 * softmax(scores / τ) weighs the streams, Z[t] = Σ α_m H_m[t]. The penalty λ·H(α) makes the weights
 * decisive.
 */
public final class GatedMilFusion implements Fusion {
  private static final double COLDEST = 0.02;
  private static final double HOTTEST = 20;

  /** Of the smallest weight whose logarithm is taken: softmax may underflow to zero. */
  private static final double SMALLEST_WEIGHT = Float.MIN_NORMAL;

  private static final String TEMPERATURE = "fusion.temperature";
  private static final String SCORE = "fusion.gate.w";

  private final FusionConfig.Mil config;
  private final Projections projections;

  /**
   * @param streams at least two
   * @param config its settings
   */
  public GatedMilFusion(List<StreamSpec> streams, FusionConfig.Mil config) {
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
    List<ParameterSpec> specs = new ArrayList<>(projections.parameters());
    streams().stream()
        .map(this::gate)
        .distinct()
        .forEach(
            gate -> {
              specs.addAll(ParameterSpec.linear(gate + ".v", config.modelDim(), config.gateDim()));
              specs.addAll(ParameterSpec.linear(gate + ".u", config.modelDim(), config.gateDim()));
            });
    specs.add(ParameterSpec.linearWeight(SCORE, config.gateDim(), 1));
    specs.add(new ParameterSpec(TEMPERATURE, Shape.of(), Initializer.ones()));
    return specs;
  }

  @Override
  public List<Tensor> align(Backend backend, Parameters parameters, Batch batch) {
    return projections.codons().align(backend, parameters, batch);
  }

  @Override
  public Fused fuse(Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned) {
    Mask mask = CodonStreams.mask(backend, batch);
    List<Tensor> hidden = projections.forward(backend, parameters, aligned);
    List<Tensor> scores = new ArrayList<>();
    for (int m = 0; m < hidden.size(); m++) {
      // A score of every position, or of the mean over them.
      Tensor scored = config.tokenLevel() ? hidden.get(m) : backend.maskedMean(hidden.get(m), mask);
      scores.add(score(backend, parameters, streams().get(m), scored));
    }
    Tensor temperature = backend.clamp(parameters.get(TEMPERATURE), COLDEST, HOTTEST);
    Tensor weights =
        backend.softmax(backend.binary(Binary.DIVIDE, backend.concat(scores, -1), temperature));
    Tensor perSequence = config.tokenLevel() ? backend.maskedMean(weights, mask) : weights;
    return new Fused(
        weighted(backend, hidden, weights),
        mask,
        Optional.of(perSequence),
        config.entropyWeight() == 0
            ? Optional.empty()
            : Optional.of(
                backend.affine(entropy(backend, weights, mask), config.entropyWeight(), 0)));
  }

  private Tensor score(Backend backend, Parameters parameters, StreamSpec stream, Tensor x) {
    String gate = gate(stream);
    Tensor value = backend.unary(Unary.TANH, Layers.linear(backend, parameters, gate + ".v", x));
    Tensor open = backend.unary(Unary.SIGMOID, Layers.linear(backend, parameters, gate + ".u", x));
    return backend.linear(
        backend.binary(Binary.MULTIPLY, value, open), parameters.get(SCORE + ".weight"));
  }

  /** Σ α_m H_m, with weights [batch, stream] or [batch, codon, stream]. */
  private Tensor weighted(Backend backend, List<Tensor> hidden, Tensor weights) {
    Tensor sum = null;
    for (int m = 0; m < hidden.size(); m++) {
      Tensor weight = backend.narrow(weights, -1, m, 1);
      if (!config.tokenLevel()) {
        weight = backend.reshape(weight, Shape.of(weight.shape().dim(0), 1, 1));
      }
      Tensor part = backend.binary(Binary.MULTIPLY, hidden.get(m), weight);
      sum = sum == null ? part : backend.binary(Binary.ADD, sum, part);
    }
    return sum;
  }

  /**
   * H(α), the mean over the batch, a scalar; over the valid positions first if weights are of
   * positions.
   */
  private Tensor entropy(Backend backend, Tensor weights, Mask mask) {
    Tensor logarithm = backend.unary(Unary.LOG, backend.clamp(weights, SMALLEST_WEIGHT, 2));
    Tensor product = backend.binary(Binary.MULTIPLY, weights, logarithm);
    Tensor perSequence = config.tokenLevel() ? backend.maskedMean(product, mask) : product;
    return backend.affine(backend.mean(backend.sum(perSequence, -1), 0), -1, 0);
  }

  private String gate(StreamSpec stream) {
    return "fusion.gate." + (config.sharedGate() ? "shared" : stream.name());
  }
}
