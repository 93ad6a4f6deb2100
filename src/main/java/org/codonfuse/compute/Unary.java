package org.codonfuse.compute;

/** Element-wise functions of one tensor. */
public enum Unary {
  /** max(x, 0). */
  RELU,
  /** The exact form x · Φ(x), with the error function. */
  GELU,
  /** x · σ(x). */
  SILU,
  TANH,
  SIGMOID,
  EXP,
  /** Natural logarithm. */
  LOG
}
