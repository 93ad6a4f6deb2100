package org.codonfuse.compute;

/** Element-wise functions of two tensors; sizes broadcast from the last axis as in NumPy. */
public enum Binary {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE
}
