package org.codonfuse.cli;

import java.util.Optional;
import org.codonfuse.embedding.Shards;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import picocli.CommandLine.Option;

/** Which share of the input this process does. */
final class ShardOption {
  private static final String WHOLE = "none";

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = {
        "Do only this share of the input, into STORE.shard-I-of-N (see 'store merge').",
        "Default: that of the SLURM array task, if this is one; none for all."
      })
  private Optional<String> shard = Optional.empty();

  /** The share, empty for all. */
  Optional<Shard> share(Console console) {
    return share(shard, console);
  }

  /**
   * The share that was given, or that of a SLURM array task.
   *
   * @param given I/N or none
   */
  static Optional<Shard> share(Optional<String> given, Console console) {
    if (given.isPresent()) {
      return given.filter(text -> !text.equals(WHOLE)).map(Shards::parse);
    }
    Optional<Shard> ofTask = Shards.ofSlurm(System.getenv());
    ofTask.ifPresent(
        share ->
            console.note(
                "Shard " + share + " for this task of a SLURM array; --shard none does all."));
    return ofTask;
  }
}
