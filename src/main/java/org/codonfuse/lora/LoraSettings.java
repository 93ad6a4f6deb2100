package org.codonfuse.lora;

import java.util.List;
import org.codonfuse.UsageException;

/**
 * How an encoder is adapted: to a linear layer with weight W [out, in] is added scale · B · A, with
 * A [rank, in] and B [out, rank] (Hu et al. 2021, arXiv:2106.09685).
 *
 * @param rank rows of A
 * @param alpha numerator of the scale
 * @param dropout share of the inputs of A that is dropped in training
 * @param rankStabilised divides alpha by √rank instead of the rank (Kalajdzievski 2023,
 *     arXiv:2312.03732)
 * @param targets names of the modules that are adapted, or ends of names that begin after a dot,
 *     such as {@code query} or {@code attention.self.query}
 */
public record LoraSettings(
    int rank, double alpha, double dropout, boolean rankStabilised, List<String> targets) {
  /** Stands among targets for every linear layer of an encoder. */
  public static final String ALL_LINEAR = "all-linear";

  /**
   * Checks what can be checked without an encoder.
   *
   * @throws UsageException that names the value that cannot be meant
   */
  public LoraSettings {
    if (rank < 1) {
      throw new UsageException(
          "The LoRA rank is " + rank + " and must be at least 1; 8 is a common choice.");
    }
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new UsageException(
          "The LoRA alpha is " + alpha + " and must be above 0; twice the rank is common.");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new UsageException(
          "The LoRA dropout is " + dropout + " and must be from 0 to below 1; 0.1 is common.");
    }
    targets = List.copyOf(targets);
    if (targets.isEmpty() || targets.stream().anyMatch(String::isBlank)) {
      throw new UsageException(
          "The LoRA targets name no module; give query,value, for example, or "
              + ALL_LINEAR
              + " for every linear layer.");
    }
  }

  /** What the product of B and A is multiplied with. */
  public double scale() {
    return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
  }

  /** Whether a module is among the targets; {@link #ALL_LINEAR} is no name of one. */
  public boolean adapts(String module) {
    return targets.stream().anyMatch(target -> isTarget(module, target));
  }

  /** Whether a target names a module, wholly or from a dot on. */
  public static boolean isTarget(String module, String target) {
    return module.equals(target) || module.endsWith("." + target);
  }

  /** The same with other targets. */
  public LoraSettings withTargets(List<String> others) {
    return new LoraSettings(rank, alpha, dropout, rankStabilised, others);
  }
}
