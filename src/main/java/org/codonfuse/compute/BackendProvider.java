package org.codonfuse.compute;

/**
 * A way to obtain a backend, found through {@link java.util.ServiceLoader}. Loading a provider and
 * asking it runs no native code unless {@link #probe} says so.
 */
public interface BackendProvider {
  /** {@code torch}, {@code vector} or {@code scalar}. */
  String name();

  /** Order of preference under {@code --backend auto}; the highest that is available is taken. */
  int priority();

  /**
   * Finds out whether {@link #open} would succeed, as cheaply as that can be known.
   *
   * @param device the device asked for
   */
  Availability probe(Device device);

  /**
   * Opens the backend.
   *
   * @param threads threads within operations, at least 1
   * @throws org.codonfuse.CodonfuseException with cause and remedy if it is unavailable
   */
  Backend open(Device device, int threads);
}
