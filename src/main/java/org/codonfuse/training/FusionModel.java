package org.codonfuse.training;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.Fused;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.head.Head;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * A fusion and the head on it.
 *
 * @param fusion turns streams into one embedding per position
 * @param head turns that into outputs
 */
public record FusionModel(Fusion fusion, Head head) {
  /**
   * What a model says of a batch.
   *
   * @param values [batch, outputs]
   * @param fused what the fusion made of it
   */
  public record Output(Tensor values, Fused fused) {}

  /** All that it learns. */
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>(fusion.parameters());
    specs.addAll(head.parameters());
    return specs;
  }

  /** Predicts. */
  public Output forward(Backend backend, Parameters parameters, Batch batch) {
    Fused fused = fusion.forward(backend, parameters, batch);
    return new Output(head.forward(backend, parameters, fused), fused);
  }
}
