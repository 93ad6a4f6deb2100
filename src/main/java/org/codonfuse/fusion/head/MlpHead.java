package org.codonfuse.fusion.head;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.fusion.Fused;
import org.codonfuse.fusion.Layers;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * Mean over the valid positions, a hidden layer with ReLU, dropout, Linear.
 *
 * @param inputWidth width of the fused embedding
 * @param width width of the hidden layer
 * @param dropout probability of dropout before the last layer
 * @param outputs number of outputs
 */
public record MlpHead(int inputWidth, int width, double dropout, int outputs) implements Head {
  /** Its name. */
  public static final String NAME = "mlp";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs =
        new ArrayList<>(ParameterSpec.linear("head.hidden", inputWidth, width));
    specs.addAll(ParameterSpec.linear("head.output", width, outputs));
    return specs;
  }

  @Override
  public Tensor forward(Backend backend, Parameters parameters, Fused fused) {
    Tensor mean = backend.maskedMean(fused.embedding(), fused.mask());
    Tensor hidden =
        backend.unary(Unary.RELU, Layers.linear(backend, parameters, "head.hidden", mean));
    return Layers.linear(backend, parameters, "head.output", backend.dropout(hidden, dropout));
  }
}
