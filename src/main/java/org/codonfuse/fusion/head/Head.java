package org.codonfuse.fusion.head;

import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.fusion.Fused;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/** Turns a fused embedding into outputs: one for regression, one logit per class otherwise. */
public sealed interface Head permits TextCnnHead, MlpHead {
  /** The name that {@code --head} takes. */
  String name();

  /** What it learns; names start with {@code head.}. */
  List<ParameterSpec> parameters();

  /**
   * Predicts.
   *
   * @return [batch, outputs]
   */
  Tensor forward(Backend backend, Parameters parameters, Fused fused);
}
