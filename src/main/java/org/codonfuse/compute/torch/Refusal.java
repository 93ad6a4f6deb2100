package org.codonfuse.compute.torch;

import org.codonfuse.compute.Availability.Unavailable;

/** Ends the search for a usable library with its reason. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Unavailable reason;

  Refusal(String cause, String remedy) {
    this(cause, remedy, null);
  }

  Refusal(String cause, String remedy, Throwable exception) {
    super(cause, exception);
    this.reason = new Unavailable(cause, remedy);
  }

  Unavailable reason() {
    return reason;
  }
}
