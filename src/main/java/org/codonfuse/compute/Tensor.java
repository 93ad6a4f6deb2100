package org.codonfuse.compute;

/**
 * An array of numbers held by a {@link Backend}.
 *
 * <p>Owned by exactly one {@link Scope}, which releases it when it closes; after that every use is
 * an {@link IllegalStateException}. Values never change after an operation has returned the tensor,
 * except for parameters under an {@link Optimizer}. Any thread may read a tensor; which threads may
 * create one is said by {@link Scope}.
 */
public abstract class Tensor {
  private final Shape shape;
  private final DType dtype;
  private volatile boolean released;

  /** The owner and this tensor's place in it; guarded by the owner's lock. */
  Scope owner;

  int slot;

  /** For backends: a tensor of known shape and element type. */
  protected Tensor(Shape shape, DType dtype) {
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The sizes. */
  public final Shape shape() {
    return shape;
  }

  /** The element type. */
  public final DType dtype() {
    return dtype;
  }

  /**
   * The values in row-major order, widened or narrowed to float; waits for the device.
   *
   * @throws IllegalStateException after the owning scope closed
   */
  public abstract float[] toFloats();

  /**
   * The values of an {@link DType#INT64} or {@link DType#BOOL} tensor in row-major order.
   *
   * @throws IllegalStateException after the owning scope closed
   */
  public abstract long[] toLongs();

  /** The value of a tensor with one element. */
  public final float item() {
    if (shape.size() != 1) {
      throw new IllegalArgumentException("item() of a tensor of shape " + shape);
    }
    return toFloats()[0];
  }

  /** Whether the owning scope has closed. */
  public final boolean isReleased() {
    return released;
  }

  /** For backends: fails if this tensor was released. */
  protected final void requireOpen() {
    if (released) {
      throw new IllegalStateException("Tensor " + shape + " was used after its scope closed");
    }
  }

  /** Gives the memory back; called once, by the owner. */
  protected abstract void free();

  final void release() {
    released = true;
    free();
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
