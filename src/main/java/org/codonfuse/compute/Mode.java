package org.codonfuse.compute;

/** What operations in a {@link Scope} are for. */
public enum Mode {
  /** Results only: nothing is recorded for differentiation and dropout does nothing. */
  INFERENCE,
  /** Differentiable, dropout does nothing: attributions, gradient checks. */
  GRADIENT,
  /** Differentiable, with dropout. */
  TRAINING;

  /** Whether operations are recorded for differentiation. */
  public boolean differentiable() {
    return this != INFERENCE;
  }
}
