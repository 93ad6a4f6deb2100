package org.codonfuse.compute;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A way to obtain a backend, found through {@link java.util.ServiceLoader}. Loading a provider and
 * asking it runs no native code unless {@link #probe} says so.
 */
public interface BackendProvider {
  /** What {@code --backend} calls it, such as {@code torch}. */
  String name();

  /**
   * Order of preference under {@code --backend auto}: what is available and has the highest is
   * taken. The numbers follow what was measured, see docs/speed.md.
   */
  int priority(Device device, Work work);

  /** Kinds of devices that it can ever have; others are not asked of it unless they are forced. */
  default Set<Device.Kind> kinds() {
    return Set.of(Device.Kind.CPU);
  }

  /** How many devices of a kind this process sees, at least 1; 1 also where that is not known. */
  default int count(Device.Kind kind) {
    return 1;
  }

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

  /**
   * The same on a CUDA device, where products and convolutions of float32 tensors may round their
   * factors to 10 bits (TF32): with every backend of this process until another is opened.
   *
   * @throws UnsupportedOperationException from a provider without CUDA devices
   */
  default Backend openWithTf32(Device device, int threads) {
    throw new UnsupportedOperationException("Backend " + name() + " has no CUDA devices");
  }

  /**
   * What helps to understand an installation, for {@code codonfuse doctor}: strings, numbers,
   * booleans, and lists of such maps, in the order to show them. Asked after {@link #probe}; may
   * run native code; what is unknown is left out.
   */
  default Map<String, Object> details() {
    return Map.of();
  }

  /**
   * What this machine does at best, measured now, which takes about a second; empty from a provider
   * that cannot measure it.
   *
   * @param threads threads to measure with, at least 1
   */
  default Optional<Ceilings> ceilings(int threads) {
    return Optional.empty();
  }
}
