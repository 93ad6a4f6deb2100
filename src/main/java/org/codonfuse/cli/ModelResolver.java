package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.cli.ModelReference.Local;
import org.codonfuse.cli.ModelReference.Published;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.weights.hub.Hub;
import org.codonfuse.weights.hub.HubSettings;

/** Finds the directory of a model that an argument names, downloading it if it is not here. */
final class ModelResolver {
  /**
   * A model that is here.
   *
   * @param directory its files
   * @param id the repository on the hub; the argument, for a directory
   * @param commit the commit of the repository; empty for a directory
   */
  record Resolved(Path directory, String id, Optional<String> commit) {}

  private final Supplier<Hub> hub;
  private final Console console;

  /** A resolver for this process. */
  ModelResolver(Console console) {
    this(() -> new Hub(HubSettings.ofProcess()), console);
  }

  ModelResolver(Supplier<Hub> hub, Console console) {
    this.hub = hub;
    this.console = console;
  }

  /** The directory that {@link #find} finds. */
  Path resolve(String argument) {
    return find(argument).directory();
  }

  /**
   * Finds a model. A path is returned as it is and never touches the network.
   *
   * @param argument a directory, a preset or an id on the hub
   */
  Resolved find(String argument) {
    return switch (ModelReference.parse(argument)) {
      case Local(Path directory) -> new Resolved(directory, argument, Optional.empty());
      case Published published -> {
        Optional<EncoderPreset> original = published.preset().filter(p -> !p.isDirectory());
        if (original.isPresent()) {
          String file = original.get().files().required().getFirst();
          throw new UsageException(
              argument
                  + " is published as "
                  + file
                  + " alone; pull it, then make a directory of it with 'codonfuse models convert'");
        }
        yield published.preset().isPresent() ? get(published, false) : orNoDirectory(published);
      }
    };
  }

  /** An id may have been meant as a path. */
  private Resolved orNoDirectory(Published published) {
    try {
      return get(published, false);
    } catch (CodonfuseException e) {
      throw new CodonfuseException(
          "No directory '" + published.model() + "' is here, and on the hub: " + e.getMessage(), e);
    }
  }

  /**
   * The model, downloaded if it is not here.
   *
   * @param refresh whether to ask the hub what the revision stands for now
   */
  Resolved get(Published published, boolean refresh) {
    Hub source = hub.get();
    Path directory =
        refresh
            ? source.refresh(
                published.model(),
                published.files(),
                published.known(),
                announcement -> announce(source, published, announcement),
                console.progress())
            : source.get(
                published.model(),
                published.files(),
                published.known(),
                announcement -> announce(source, published, announcement),
                console.progress());
    return new Resolved(
        directory, published.model().repository(), Optional.of(directory.getFileName().toString()));
  }

  private void announce(Hub source, Published published, Hub.Announcement announcement) {
    console.note(
        "Downloading "
            + published.model()
            + " ("
            + mebibytes(announcement.bytes())
            + ", "
            + published.licence(source.settings().endpoint().toString())
            + ") to "
            + source.settings().cache());
  }

  /** Such as {@code 29.9 MiB}. */
  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
