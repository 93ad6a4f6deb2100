package org.codonfuse.compute;

/** The current {@link Scope} of every thread, for one backend. Backends hold one by composition. */
public final class Scopes {
  @SuppressWarnings("ThreadLocalUsage") // Every backend has its own current scope.
  private final ThreadLocal<Scope> current = new ThreadLocal<>();

  /** For a backend that is being opened. */
  public Scopes() {}

  /** Opens a scope inside the calling thread's current one and makes it the current one. */
  public Scope open(Mode mode) {
    return open(mode, Precision.FLOAT32);
  }

  /** The same with products in this precision. */
  public Scope open(Mode mode, Precision products) {
    Scope scope = new Scope(this, current.get(), mode, products, Thread.currentThread());
    current.set(scope);
    return scope;
  }

  /** A scope that is never current. */
  public Scope newOwner() {
    return new Scope(this, null, Mode.INFERENCE, Precision.FLOAT32, null);
  }

  /**
   * The calling thread's current scope.
   *
   * @throws IllegalStateException if there is none
   */
  public Scope current() {
    Scope scope = current.get();
    if (scope == null) {
      throw new IllegalStateException(
          "No scope is open on thread "
              + Thread.currentThread().getName()
              + "; open one with Backend.openScope in a try statement");
    }
    return scope;
  }

  /** Makes the calling thread's current scope own a new tensor. */
  public <T extends Tensor> T own(T tensor) {
    return current().adopt(tensor);
  }

  void leave(Scope scope, Thread thread) {
    if (scope.isClosed()) {
      return;
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "A scope opened on thread " + thread.getName() + " must be closed there");
    }
    while (current.get() != scope) {
      current.get().close();
    }
    if (scope.parent() == null) {
      current.remove();
    } else {
      current.set(scope.parent());
    }
  }
}
