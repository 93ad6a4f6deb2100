package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that a run is written to: it appears under its name when everything is in it, or
 * not at all. Until then the files lie in a hidden directory beside it, which goes when the run
 * fails or the process is asked to stop.
 */
public final class RunDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);

  /** The configuration, see {@link RunConfig}. */
  public static final String CONFIG = "config.json";

  /** The parameters. */
  public static final String MODEL = "model.safetensors";

  /** One line per epoch. */
  public static final String HISTORY = "history.csv";

  /** Metrics by split. */
  public static final String METRICS = "metrics.json";

  /** One line per sequence. */
  public static final String PREDICTIONS = "predictions.csv";

  private static final Set<String> FILES = Set.of(CONFIG, MODEL, HISTORY, METRICS, PREDICTIONS);

  private final Path target;
  private final boolean overwrite;
  private final Path working;
  private final List<Path> made;
  private final Thread cleanup;
  private Path replaced;
  private boolean finished;

  private RunDirectory(Path target, boolean overwrite, Path working, List<Path> made) {
    this.target = target;
    this.overwrite = overwrite;
    this.working = working;
    this.made = made;
    this.cleanup = new Thread(this::discard, "codonfuse-run-cleanup");
    Runtime.getRuntime().addShutdownHook(cleanup);
  }

  /**
   * Begins a run. Fails at once where it could not be written in the end.
   *
   * @param overwrite whether a run of this name is replaced
   * @throws UsageException if there is a run and it must not be replaced, or something else
   * @throws CodonfuseException if the place cannot be written to
   */
  public static RunDirectory create(Path target, boolean overwrite) {
    Path absolute = resolved(target);
    if (Files.exists(absolute)) {
      if (!isRun(absolute) && !isEmptyDirectory(absolute)) {
        throw new UsageException(
            target
                + (hasRunFiles(absolute)
                    ? ": holds other files beside a run's; move them away or choose another"
                        + " --output directory."
                    : ": exists and is not a run; choose another --output directory."));
      }
      if (!overwrite && !isEmptyDirectory(absolute)) {
        throw new UsageException(
            target + ": a run exists there; choose another --output or add --overwrite.");
      }
    }
    for (Path outer = absolute.getParent(); outer != null; outer = outer.getParent()) {
      if (hasRunFiles(outer)) {
        throw new UsageException(
            target + ": lies inside the run " + outer + "; choose another --output directory.");
      }
    }
    List<Path> made =
        Stream.iterate(absolute.getParent(), p -> p != null && Files.notExists(p), Path::getParent)
            .toList();
    try {
      Path parent = Files.createDirectories(absolute.getParent());
      // Not a temporary directory of the library, whose permissions would ignore the umask.
      String suffix = Long.toHexString(new SecureRandom().nextLong());
      Path working =
          Files.createDirectory(parent.resolve("." + absolute.getFileName() + ".part" + suffix));
      return new RunDirectory(absolute, overwrite, working, made);
    } catch (IOException e) {
      removeEmpty(made);
      throw unwritable(target, e);
    }
  }

  /** Where to write a file of the run. */
  public Path file(String name) {
    return working.resolve(name);
  }

  /**
   * Puts the directory in its place.
   *
   * @throws CodonfuseException if that fails; the message says where the finished files lie then
   */
  public synchronized void finish() {
    try {
      if (Files.exists(target)) {
        if (!isEmptyDirectory(target) && !(overwrite && isRun(target))) {
          throw new FileAlreadyExistsException(target.toString());
        }
        replaced = working.resolveSibling(working.getFileName() + ".old");
        Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(working, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      putBack();
      finished = true;
      throw new CodonfuseException(
          target
              + ": cannot be written ("
              + AtomicFiles.reason(e)
              + "); the finished run lies in "
              + working
              + ", move it from there.",
          e);
    }
    finished = true;
    if (replaced != null) {
      delete(replaced);
    }
  }

  @Override
  public void close() {
    discard();
    try {
      Runtime.getRuntime().removeShutdownHook(cleanup);
    } catch (IllegalStateException _) {
      // The process is stopping already, and the hook with it.
    }
  }

  /** What may be replaced: a run and nothing else that somebody put beside its files. */
  private static boolean isRun(Path directory) {
    if (!hasRunFiles(directory)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.allMatch(entry -> FILES.contains(entry.getFileName().toString()));
    } catch (IOException _) {
      return false;
    }
  }

  /** An encoder's directory has a configuration and a model too and must not pass for a run. */
  private static boolean hasRunFiles(Path directory) {
    return FILES.stream().allMatch(name -> Files.isRegularFile(directory.resolve(name)));
  }

  private static Path resolved(Path target) {
    Path absolute = target.toAbsolutePath().normalize();
    try {
      return Files.isSymbolicLink(absolute) ? absolute.toRealPath() : absolute;
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  private static boolean isEmptyDirectory(Path directory) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    } catch (IOException _) {
      return false;
    }
  }

  private static CodonfuseException unwritable(Path target, IOException e) {
    return new CodonfuseException(
        target + ": cannot be written (" + AtomicFiles.reason(e) + "); choose another --output.",
        e);
  }

  private synchronized void discard() {
    if (!finished) {
      putBack();
      delete(working);
      removeEmpty(made);
    }
  }

  private void putBack() {
    if (replaced != null && Files.notExists(target)) {
      try {
        Files.move(replaced, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        LOG.warn(
            "The run that was to be replaced lies in {} ({})", replaced, AtomicFiles.reason(e));
      }
    }
  }

  /** Removes directories, the deepest first, as far as nothing else has come to lie in them. */
  private static void removeEmpty(List<Path> directories) {
    try {
      for (Path directory : directories) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException _) {
      // In use by others, or not made for the reason that is being reported.
    }
  }

  private static void delete(Path directory) {
    if (Files.notExists(directory)) {
      return;
    }
    try {
      AtomicFiles.deleteTree(directory);
    } catch (IOException e) {
      LOG.warn("{}: could not be removed ({})", directory, AtomicFiles.reason(e));
    }
  }
}
