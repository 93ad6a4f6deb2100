package org.codonfuse.compute;

import java.util.List;
import java.util.function.Function;

/**
 * Processes that know of each other and have yet to join in a {@link ProcessGroup}.
 *
 * @param rank number of this one, from 0
 * @param size how many there are
 * @param host name or address under which the others reach the first
 * @param exchange given what this one says, returns what each says, by rank; all call it equally
 *     often
 */
public record Peers(int rank, int size, String host, Function<byte[], List<byte[]>> exchange) {
  /**
   * @throws IllegalArgumentException if the rank is none of the group's
   */
  public Peers {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank " + rank + " of " + size);
    }
  }
}
