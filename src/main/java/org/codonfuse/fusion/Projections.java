package org.codonfuse.fusion;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * Codon streams of different widths brought to one: H_m = tanh(P_m Ẽ_m + p_m).
 *
 * @param codons the streams
 * @param width of every H_m
 */
record Projections(CodonStreams codons, int width) {
  /** Kernels of the alignment and the projections. */
  List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>(codons.parameters());
    codons.streams().forEach(s -> specs.addAll(ParameterSpec.linear(name(s), s.width(), width)));
    return specs;
  }

  /** Every H_m, [batch, codon, width], in the order of the streams; padding holds anything. */
  List<Tensor> forward(Backend backend, Parameters parameters, List<Tensor> aligned) {
    List<Tensor> projected = new ArrayList<>();
    for (int s = 0; s < aligned.size(); s++) {
      String name = name(codons.streams().get(s));
      projected.add(
          backend.unary(Unary.TANH, Layers.linear(backend, parameters, name, aligned.get(s))));
    }
    return projected;
  }

  private static String name(StreamSpec stream) {
    return "fusion.project." + stream.name();
  }
}
