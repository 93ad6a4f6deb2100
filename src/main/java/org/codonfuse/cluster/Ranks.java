package org.codonfuse.cluster;

import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;

/**
 * Which one of several processes this is, and where they meet.
 *
 * @param rank from 0 to size - 1; rank 0 writes and says what came out
 * @param size how many processes there are, at least 2
 * @param localRank the rank among the processes of this node
 * @param localSize how many processes this node has
 * @param host where rank 0 runs: a name or address
 * @param port where it listens
 * @param run what tells this run from another one at the same place; empty where nothing does
 */
public record Ranks(
    int rank, int size, int localRank, int localSize, String host, int port, String run) {
  /** Sets the port, whatever started the processes. */
  public static final String PORT = "CODONFUSE_PORT";

  /** Tells runs apart, set by {@code codonfuse launch}. */
  public static final String RUN = "CODONFUSE_RUN";

  /**
   * @throws IllegalArgumentException if the numbers contradict each other
   */
  public Ranks {
    if (size < 2 || rank < 0 || rank >= size) {
      throw new IllegalArgumentException("Rank " + rank + " of " + size);
    }
    if (localSize < 1 || localSize > size || localRank < 0 || localRank >= localSize) {
      throw new IllegalArgumentException("Local rank " + localRank + " of " + localSize);
    }
    if (host.isBlank() || port < 1 || port > Variables.LAST_PORT) {
      throw new IllegalArgumentException("No place " + host + ":" + port);
    }
  }

  /**
   * What the variables of torchrun say or, where there are none, those of a Slurm step.
   *
   * @param environment the variables of the process
   * @return empty if this is one process
   * @throws CodonfuseException if variables are missing, are no numbers or contradict each other
   */
  public static Optional<Ranks> of(Map<String, String> environment) {
    Variables variables = new Variables(environment);
    return variables.has("RANK") || (variables.has("WORLD_SIZE") && !SlurmRanks.isStep(variables))
        ? TorchrunRanks.of(variables)
        : SlurmRanks.isStep(variables) ? SlurmRanks.of(variables) : Optional.empty();
  }

  /** Whether this process writes and says what came out. */
  public boolean isFirst() {
    return rank == 0;
  }
}
