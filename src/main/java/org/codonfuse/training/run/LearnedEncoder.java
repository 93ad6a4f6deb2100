package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraSettings;

/**
 * What a run has learned of the encoder of a stream.
 *
 * @param adapter updates of the encoder that it began with
 * @param directory of an encoder in its place
 */
record LearnedEncoder(Optional<LoraAdapter> adapter, Optional<Path> directory) {
  /**
   * Reads it.
   *
   * @param run the directory of the run
   * @throws CodonfuseException if it is not there or cannot be read
   */
  static LearnedEncoder of(Path run, RunConfig config, RunConfig.Stream stream) {
    if (!config.fineTuning().learns(stream.name())) {
      return new LearnedEncoder(Optional.empty(), Optional.empty());
    }
    boolean whole = config.fineTuning().replaces(stream.name());
    Path place =
        whole
            ? run.resolve(RunDirectory.ENCODERS).resolve(stream.name())
            : RunAdapter.directory(run, stream.name());
    if (!Files.isDirectory(place)) {
      throw new CodonfuseException(
          "%s: is missing, so what the %s encoder learned is lost; restore the whole run."
              .formatted(place, stream.name()));
    }
    if (whole) {
      return new LearnedEncoder(Optional.empty(), Optional.of(place));
    }
    LoraAdapter adapter = LoraAdapter.read(place);
    requireSame(place, adapter.settings(), config.fineTuning());
    return new LearnedEncoder(Optional.of(adapter), Optional.empty());
  }

  /** An adapter of another training may fit the encoder, and would change it in silence. */
  private static void requireSame(Path place, LoraSettings found, FineTuning trained) {
    if (found.rank() != trained.rank()
        || found.alpha() != trained.alpha()
        || found.rankStabilised() != trained.rankStabilised()) {
      throw new CodonfuseException(
          "%s: is not the adapter that the run trained: it has %s, where the run has %s; restore the"
                  .formatted(
                      place,
                      scale(found.rank(), found.alpha(), found.rankStabilised()),
                      scale(trained.rank(), trained.alpha(), trained.rankStabilised()))
              + " whole run.");
    }
  }

  private static String scale(int rank, double alpha, boolean rankStabilised) {
    return "rank %d, alpha %s%s".formatted(rank, alpha, rankStabilised ? ", rsLoRA" : "");
  }

  /**
   * Makes sure that what a user gives in the encoder's place can be that.
   *
   * @throws UsageException if it cannot
   */
  void requireMovable(Path run, RunConfig.Stream stream, Optional<Path> given) {
    if (given.isEmpty()) {
      return;
    }
    String option = stream.molecule().label();
    if (directory.isPresent()) {
      throw new UsageException(
          "%s: has its own %s encoder, which it trained; leave out --%s."
              .formatted(run, stream.name(), option));
    }
    if (adapter.isPresent() && StoreManifest.isIn(given.get())) {
      throw new UsageException(
          ("%s: a store has embeddings of the encoder as it was before %s trained it; give the"
                  + " model that it began with, or leave out --%s.")
              .formatted(given.get(), run, option));
    }
  }
}
