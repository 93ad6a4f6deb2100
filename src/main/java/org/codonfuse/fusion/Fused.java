package org.codonfuse.fusion;

import java.util.Optional;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Tensor;

/**
 * What a fusion makes of a batch.
 *
 * @param embedding [batch, position, width]
 * @param mask its valid positions
 * @param modalityWeights [batch, stream], summing to 1, for fusions that weigh their streams
 * @param penalty a scalar that the fusion adds to the training loss, already weighted
 */
public record Fused(
    Tensor embedding, Mask mask, Optional<Tensor> modalityWeights, Optional<Tensor> penalty) {
  /** A fusion without weights and penalty. */
  public static Fused of(Tensor embedding, Mask mask) {
    return new Fused(embedding, mask, Optional.empty(), Optional.empty());
  }
}
