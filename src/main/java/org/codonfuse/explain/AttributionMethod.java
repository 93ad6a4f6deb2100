package org.codonfuse.explain;

import java.util.Optional;
import java.util.stream.Stream;

/** How a prediction is divided among the embeddings that it was made from. */
public enum AttributionMethod {
  /**
   * Integrated gradients (Sundararajan et al. 2017): the gradient's mean on the straight line from
   * the baseline to the embeddings, times their difference. What it finds adds up to the difference
   * of the predictions.
   */
  INTEGRATED_GRADIENTS("integrated-gradients"),
  /** The gradient at the embeddings times their difference from the baseline: quick, not exact. */
  GRADIENT_INPUT("gradient-input"),
  /** None. */
  NONE("none");

  private final String label;

  AttributionMethod(String label) {
    this.label = label;
  }

  /** The name that {@code --attribution} takes. */
  public String label() {
    return label;
  }

  /** Finds one by its {@link #label}. */
  public static Optional<AttributionMethod> find(String label) {
    return Stream.of(values()).filter(method -> method.label.equals(label)).findFirst();
  }
}
