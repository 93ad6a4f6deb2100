package org.codonfuse.compute;

import org.codonfuse.CodonfuseException;

/** Whether a backend can be used, and if not why and what would change it. */
public sealed interface Availability {
  /**
   * It can.
   *
   * @param description what would run, such as {@code LibTorch 2.13.0, AVX512}
   */
  record Available(String description) implements Availability {}

  /**
   * It cannot.
   *
   * @param cause what is missing, without a full stop
   * @param remedy the exact flag, variable or command that would change it, without a full stop
   */
  record Unavailable(String cause, String remedy) implements Availability {
    /** For who opens a backend all the same. */
    public CodonfuseException exception(String backend, Device device) {
      return new CodonfuseException(
          "Backend %s on %s is unavailable: %s; %s.".formatted(backend, device, cause, remedy));
    }
  }
}
