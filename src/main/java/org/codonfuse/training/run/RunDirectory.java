package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;

/**
 * The directory that a run is written to: it appears under its name when everything is in it, or
 * not at all. Until then the files lie in a hidden directory beside it, which goes when the run
 * fails or the process is asked to stop.
 */
public final class RunDirectory implements AutoCloseable {
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

  private final Path target;
  private final boolean overwrite;
  private final Path working;
  private final Thread cleanup;
  private boolean finished;

  private RunDirectory(Path target, boolean overwrite, Path working) {
    this.target = target;
    this.overwrite = overwrite;
    this.working = working;
    this.cleanup = new Thread(() -> delete(working), "codonfuse-run-cleanup");
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
    Path absolute = target.toAbsolutePath().normalize();
    if (Files.exists(absolute)) {
      if (!isRun(absolute) && !isEmptyDirectory(absolute)) {
        throw new UsageException(
            target + ": exists and is not a run; choose another --output directory.");
      }
      if (!overwrite && !isEmptyDirectory(absolute)) {
        throw new UsageException(
            target + ": a run exists there; choose another --output or add --overwrite.");
      }
    }
    try {
      Path parent = Files.createDirectories(absolute.getParent());
      Path working = Files.createTempDirectory(parent, "." + absolute.getFileName() + ".part");
      return new RunDirectory(absolute, overwrite, working);
    } catch (IOException e) {
      throw new CodonfuseException(
          target + ": cannot be written (" + AtomicFiles.reason(e) + "); choose another --output.",
          e);
    }
  }

  /** Where to write a file of the run. */
  public Path file(String name) {
    return working.resolve(name);
  }

  /** Puts the directory in its place. */
  public void finish() {
    try {
      Files.setPosixFilePermissions(
          working, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
      Path old = null;
      if (Files.exists(target)) {
        if (!overwrite && !isEmptyDirectory(target)) {
          throw new CodonfuseException(
              target + ": was made by something else meanwhile; add --overwrite to replace it.");
        }
        old = working.resolveSibling(working.getFileName() + ".old");
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(working, target, StandardCopyOption.ATOMIC_MOVE);
      finished = true;
      if (old != null) {
        delete(old);
      }
    } catch (IOException e) {
      throw new CodonfuseException(
          target + ": cannot be written (" + AtomicFiles.reason(e) + "); choose another --output.",
          e);
    }
  }

  @Override
  public void close() {
    if (!finished) {
      delete(working);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(cleanup);
    } catch (IllegalStateException _) {
      // The process is stopping already, and the hook with it.
    }
  }

  private static boolean isRun(Path directory) {
    return Files.isRegularFile(directory.resolve(CONFIG))
        && Files.isRegularFile(directory.resolve(MODEL));
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

  private static void delete(Path directory) {
    List<Path> entries;
    try (Stream<Path> walk = Files.walk(directory)) {
      entries = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(RunDirectory.class)
          .warn("{}: could not be removed ({})", directory, AtomicFiles.reason(e));
    }
  }
}
