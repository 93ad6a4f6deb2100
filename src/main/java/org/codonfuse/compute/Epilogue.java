package org.codonfuse.compute;

/**
 * What follows the product and the bias of a linear layer, computed on the result before it goes to
 * memory where a backend can.
 */
public sealed interface Epilogue {
  /** Nothing follows. */
  Epilogue NONE = new Nothing();

  /** Nothing follows; see {@link #NONE}. */
  record Nothing() implements Epilogue {}

  /** A function of every element. */
  record Function(Unary function) implements Epilogue {}

  /**
   * A combination with another tensor.
   *
   * @param function {@link Binary#ADD} for a residual, {@link Binary#MULTIPLY} for a gate
   * @param other of the shape and type of the layer's result
   */
  record Combination(Binary function, Tensor other) implements Epilogue {}
}
