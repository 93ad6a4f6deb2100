package org.codonfuse.fusion;

import java.util.List;
import org.codonfuse.compute.Backend;
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
   * Fuses a batch.
   *
   * @param batch holds every stream of {@link #streams}
   */
  Fused forward(Backend backend, Parameters parameters, Batch batch);
}
