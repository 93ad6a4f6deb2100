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
  /** Its name. */
  public static final String NAME = "concat";

  private final List<StreamSpec> streams;
  private final int dnaWidth;

  /**
   * @param streams the streams, in the order of concatenation
   * @param dnaWidth width that DNA embeddings are brought to
   */
  public ConcatFusion(List<StreamSpec> streams, int dnaWidth) {
    this.streams = CodonStreams.aligned(streams);
    this.dnaWidth = dnaWidth;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<StreamSpec> streams() {
    return streams;
  }

  @Override
  public int width() {
    return streams.stream().mapToInt(s -> projected(s) ? dnaWidth : s.width()).sum();
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>(CodonStreams.parameters(streams));
    for (StreamSpec stream : streams) {
      if (projected(stream)) {
        specs.addAll(ParameterSpec.linear(projection(stream, 0), stream.width(), dnaWidth));
        specs.addAll(ParameterSpec.linear(projection(stream, 1), dnaWidth, dnaWidth));
      }
    }
    return specs;
  }

  @Override
  public Fused forward(Backend backend, Parameters parameters, Batch batch) {
    List<Tensor> parts = new ArrayList<>();
    for (StreamSpec stream : streams) {
      Tensor codons = CodonStreams.codons(backend, parameters, batch, stream);
      parts.add(projected(stream) ? project(backend, parameters, stream, codons) : codons);
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
