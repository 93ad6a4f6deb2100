package org.codonfuse;

import java.util.SplittableRandom;

/** Seeds of the parts of a computation, derived from one seed. */
public final class Seeds {
  private Seeds() {}

  /**
   * A seed for a part, which is named by numbers such as epoch and step. Neither consecutive seeds
   * nor consecutive parts have related results: every number passes through a generator's first
   * draw, because generators of consecutive seeds are not independent of each other.
   */
  public static long mix(long seed, long... part) {
    long mixed = new SplittableRandom(seed).nextLong();
    for (long number : part) {
      mixed = new SplittableRandom(mixed ^ number).nextLong();
    }
    return mixed;
  }
}
