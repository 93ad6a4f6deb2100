package org.codonfuse.cluster;

import java.util.Optional;
import org.codonfuse.CodonfuseException;

/** The variables that torchrun, and whatever imitates it, sets. */
final class TorchrunRanks {
  private TorchrunRanks() {}

  static Optional<Ranks> of(Variables variables) {
    String because = variables.has("RANK") ? "RANK" : "WORLD_SIZE";
    int size = variables.count("WORLD_SIZE", because);
    int rank = variables.below(size, "RANK", "WORLD_SIZE", because);
    if (size == 1) {
      return Optional.empty();
    }
    int localSize = variables.count("LOCAL_WORLD_SIZE", because);
    if (localSize > size) {
      throw new CodonfuseException(
          "LOCAL_WORLD_SIZE=%d is more than WORLD_SIZE=%d.".formatted(localSize, size));
    }
    return Optional.of(
        new Ranks(
            rank,
            size,
            variables.below(localSize, "LOCAL_RANK", "LOCAL_WORLD_SIZE", because),
            localSize,
            variables.text("MASTER_ADDR", because),
            port(variables, because),
            variables.find(Ranks.RUN).orElseGet(() -> run(variables))));
  }

  private static int port(Variables variables, String because) {
    Optional<Integer> ours = variables.port(Ranks.PORT);
    if (ours.isPresent()) {
      return ours.get();
    }
    variables.text("MASTER_PORT", because);
    int master = variables.port("MASTER_PORT").orElseThrow();
    boolean taken =
        variables.find("TORCHELASTIC_USE_AGENT_STORE").filter("True"::equals).isPresent();
    // The agent of torchrun listens there itself.
    return taken ? master == Variables.LAST_PORT ? master - 1 : master + 1 : master;
  }

  /** The agent starts all workers again when one fails: they are another run. */
  private static String run(Variables variables) {
    return variables
        .find("TORCHELASTIC_RUN_ID")
        .map(id -> id + "/" + variables.find("TORCHELASTIC_RESTART_COUNT").orElse("0"))
        .orElse("");
  }
}
