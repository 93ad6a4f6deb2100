package org.codonfuse.fusion;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;

/**
 * Codon-level concatenation (BioLangFusion, equation 2): Z[t] = [MLP(Ẽ_DNA[t]) ‖ Ẽ_RNA[t] ‖
 * E_Prot[t]], the MLP being Linear, tanh, Linear. Works for any subset of the modalities.
 */
public final class ConcatFusion implements Fusion {
  private final FusionConfig.Concat config;
  private final CodonStreams codons;

  /**
   * @param streams the streams, in the order of concatenation
   * @param config its settings
   */
  public ConcatFusion(List<StreamSpec> streams, FusionConfig.Concat config) {
    this.config = config;
    this.codons = new CodonStreams(streams, config.upsampling());
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public List<StreamSpec> streams() {
    return codons.streams();
  }

  @Override
  public int width() {
    return streams().stream().mapToInt(s -> projected(s) ? config.dnaDim() : s.width()).sum();
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>(codons.parameters());
    int width = config.dnaDim();
    for (StreamSpec stream : streams()) {
      if (projected(stream)) {
        specs.addAll(ParameterSpec.linear(projection(stream, 0), stream.width(), width));
        specs.addAll(ParameterSpec.linear(projection(stream, 1), width, width));
      }
    }
    return specs;
  }

  @Override
  public List<Tensor> align(Backend backend, Parameters parameters, Batch batch) {
    return codons.align(backend, parameters, batch);
  }

  @Override
  public Fused fuse(Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned) {
    List<Tensor> parts = new ArrayList<>();
    for (int s = 0; s < aligned.size(); s++) {
      StreamSpec stream = streams().get(s);
      parts.add(
          projected(stream)
              ? project(backend, parameters, stream, aligned.get(s))
              : aligned.get(s));
    }
    return Fused.of(backend.concat(parts, 2), CodonStreams.mask(backend, batch));
  }

  private static Tensor project(
      Backend backend, Parameters parameters, StreamSpec stream, Tensor codons) {
    Tensor hidden =
        backend.unary(
            Unary.TANH, Layers.linear(backend, parameters, projection(stream, 0), codons));
    return Layers.linear(backend, parameters, projection(stream, 1), hidden);
  }

  private static boolean projected(StreamSpec stream) {
    return stream.molecule() == Molecule.DNA;
  }

  private static String projection(StreamSpec stream, int layer) {
    return "fusion.project." + stream.name() + "." + layer;
  }
}
