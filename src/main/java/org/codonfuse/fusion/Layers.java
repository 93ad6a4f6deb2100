package org.codonfuse.fusion;

import java.util.List;
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

  /** Several layers of one input; see {@link #linear}. */
  static List<Tensor> linears(
      Backend backend, Parameters parameters, List<String> names, Tensor x) {
    return backend.linears(
        x,
        names.stream().map(name -> parameters.get(name + ".weight")).toList(),
        names.stream().map(name -> parameters.get(name + ".bias")).toList());
  }
}
