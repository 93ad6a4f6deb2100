package org.codonfuse.fusion;

import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.Parameters;

/** Layers by the name of their parameters, for fusions and heads. */
public final class Layers {
  private Layers() {}

  /** The linear layer {@code name.weight}, {@code name.bias} of x [..., in], to [..., out]. */
  public static Tensor linear(Backend backend, Parameters parameters, String name, Tensor x) {
    return backend.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }
}
