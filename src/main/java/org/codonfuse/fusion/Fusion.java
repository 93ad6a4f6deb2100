package org.codonfuse.fusion;

import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * Turns aligned streams into one embedding per position. A fusion is a description: parameters are
 * passed to it, so one instance serves any backend and any number of models.
 */
public interface Fusion {
  /** The name that {@code --fusion} takes. */
  String name();

  /** The streams it takes, at the granularity it takes them. */
  List<StreamSpec> streams();

  /** Width of its result. */
  int width();

  /** What it learns; names start with {@code align.} or {@code fusion.}. */
  List<ParameterSpec> parameters();

  /**
   * Brings the streams to the positions at which they are fused: codons, or tokens where the fusion
   * does not align.
   *
   * @param batch holds every stream of {@link #streams}
   * @return in the order of {@link #streams}, each [batch, position, width]; padding holds anything
   */
  List<Tensor> align(Backend backend, Parameters parameters, Batch batch);

  /**
   * Fuses what {@link #align} made of a batch, or other values in its place.
   *
   * @param batch only its lengths are read
   * @param aligned see {@link #align}
   */
  Fused fuse(Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned);

  /** Aligns and fuses a batch. */
  default Fused forward(Backend backend, Parameters parameters, Batch batch) {
    return fuse(backend, parameters, batch, align(backend, parameters, batch));
  }
}
