package org.codonfuse.compute.vector;

import java.util.Optional;
import jdk.incubator.vector.VectorShape;
import org.codonfuse.compute.Availability.Unavailable;

/** How wide vectors are: what the machine prefers, or what {@link #PROPERTY} forces. */
final class VectorWidth {
  /** System property with 128, 256 or 512, to compute with another width than preferred. */
  static final String PROPERTY = "codonfuse.vector.bits";

  private static final int WIDEST = 512;

  private VectorWidth() {}

  /** Why the property's value cannot be used, if it is one of these cases; asks no vector class. */
  static Optional<Unavailable> refusal() {
    String forced = System.getProperty(PROPERTY);
    return forced == null || forced.matches("128|256|512")
        ? Optional.empty()
        : Optional.of(
            new Unavailable(
                PROPERTY + " is '" + forced + "'", "set it to 128, 256 or 512, or leave it out"));
  }

  /**
   * Whether vectors have at least so many bits. True of a forced width that cannot be used: then
   * whoever asks for the reason gets it.
   */
  static boolean isAtLeast(int bits) {
    return refusal().isPresent() || bits() >= bits;
  }

  /** In bits; one width for the life of the process. */
  static int bits() {
    return Chosen.BITS;
  }

  /** Loaded when it is first asked for, which needs the Vector API. */
  private static final class Chosen {
    static final int BITS =
        Integer.getInteger(
            PROPERTY, Math.min(WIDEST, VectorShape.preferredShape().vectorBitSize()));
  }
}
