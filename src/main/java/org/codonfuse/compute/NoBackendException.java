package org.codonfuse.compute;

import org.codonfuse.CodonfuseException;

/** No backend can do what is asked of one. */
public final class NoBackendException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  private final String reasons;

  NoBackendException(String what, String reasons) {
    super(what + ": " + reasons + ".");
    this.reasons = reasons;
  }

  /** Cause and remedy for every backend that was tried, without a full stop. */
  public String reasons() {
    return reasons;
  }
}
