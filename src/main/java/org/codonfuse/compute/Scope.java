package org.codonfuse.compute;

import java.util.Arrays;

/**
 * Owns tensors and releases them together.
 *
 * <p>{@link Backend#openScope} makes a scope the current one of its thread: what operations of that
 * backend on that thread return belongs to it, until it closes and its parent is current again. A
 * scope from {@link Backend#newOwner} is never current; it owns what is moved into it (parameters,
 * caches) and may be closed by any thread. Closing is idempotent. Closing a current scope closes
 * the scopes opened inside it that an exception left open.
 *
 * <pre>{@code
 * try (Scope scope = backend.openScope(Mode.INFERENCE)) {
 *   return backend.softmax(backend.linear(x, weight, bias)).toFloats();
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private final Scopes scopes;
  private final Scope parent;
  private final Mode mode;
  private final Precision products;
  private final Thread thread;
  private Tensor[] owned = new Tensor[16];
  private int count;
  private boolean closed;

  Scope(Scopes scopes, Scope parent, Mode mode, Precision products, Thread thread) {
    this.scopes = scopes;
    this.parent = parent;
    this.mode = mode;
    this.products = products;
    this.thread = thread;
  }

  /** What operations in this scope are for. */
  public Mode mode() {
    return mode;
  }

  /** What products of float32 tensors in this scope are computed in. */
  public Precision products() {
    return products;
  }

  /**
   * Moves a tensor from its owner into this scope.
   *
   * @return the tensor
   * @throws IllegalStateException if this scope closed or the tensor was released
   */
  public <T extends Tensor> T adopt(T tensor) {
    synchronized (scopes) {
      if (closed) {
        throw new IllegalStateException("Tensor " + tensor + " moved into a closed scope");
      }
      tensor.requireOpen();
      if (tensor.owner != null) {
        tensor.owner.remove(tensor);
      }
      add(tensor);
    }
    return tensor;
  }

  /**
   * Moves a tensor to the scope around this one, so that it outlives this one.
   *
   * @return the tensor
   * @throws IllegalStateException if there is no scope around this one
   */
  public <T extends Tensor> T keep(T tensor) {
    if (parent == null) {
      throw new IllegalStateException("An outermost scope has no parent to keep a tensor in");
    }
    return parent.adopt(tensor);
  }

  /** Number of tensors owned at present. */
  public int size() {
    synchronized (scopes) {
      return count;
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      scopes.leave(this, thread);
    }
    synchronized (scopes) {
      closed = true;
      while (count > 0) {
        Tensor tensor = owned[--count];
        owned[count] = null;
        tensor.owner = null;
        tensor.release();
      }
    }
  }

  boolean isClosed() {
    return closed;
  }

  Scope parent() {
    return parent;
  }

  private void add(Tensor tensor) {
    if (count == owned.length) {
      owned = Arrays.copyOf(owned, 2 * count);
    }
    tensor.owner = this;
    tensor.slot = count;
    owned[count++] = tensor;
  }

  private void remove(Tensor tensor) {
    Tensor last = owned[--count];
    owned[tensor.slot] = last;
    last.slot = tensor.slot;
    owned[count] = null;
    tensor.owner = null;
  }
}
