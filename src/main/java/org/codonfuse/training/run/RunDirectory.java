package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.LockFile;
import org.codonfuse.training.TrainingCheckpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that a run is written to: it appears under its name when everything is in it, or
 * not at all. Until then the files lie in a hidden directory beside it, {@code .NAME.part}, which
 * one process has at a time. It goes when the run fails or the process is asked to stop, unless
 * there is a {@link TrainingCheckpoint} in it.
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

  /** A page about the run, where there is one. */
  public static final String REPORT = "report.html";

  /** What explains its predictions, where something does. */
  public static final String EXPLANATION = "explanation";

  /** By stream the updates that encoders learned with the model, as PEFT keeps them. */
  public static final String ADAPTERS = "adapters";

  /** By stream the encoders that learned with the model by all their weights. */
  public static final String ENCODERS = "encoders";

  /** The tokens of an encoder. */
  public static final String VOCABULARY = "vocab.txt";

  /** How an encoder was trained. */
  public static final String PRETRAINING = "pretraining.json";

  /** The updates that an encoder was trained by, where they are low-rank ones. */
  public static final String ADAPTER = "adapter";

  private static final String LOCK = "lock";
  private static final int ATTEMPTS = 5;

  private final Path target;
  private final DirectoryKind kind;
  private final Existing existing;
  private final Path working;
  private final Path files;
  private final LockFile lock;
  private final List<Path> made;
  private final Thread cleanup;
  private Path replaced;
  private boolean finished;

  /** What becomes of what is there. */
  public enum Existing {
    /** A run, or an interrupted training, is an error. */
    REFUSE,
    /** It is replaced. */
    REPLACE,
    /** An interrupted training goes on. */
    RESUME
  }

  private RunDirectory(
      Path target,
      DirectoryKind kind,
      Existing existing,
      Path working,
      LockFile lock,
      List<Path> made)
      throws IOException {
    this.target = target;
    this.kind = kind;
    this.existing = existing;
    this.working = working;
    this.files = working.resolve("files");
    this.lock = lock;
    this.made = made;
    if (Files.exists(files)) {
      AtomicFiles.deleteTree(files);
    }
    Files.createDirectory(files);
    this.cleanup = new Thread(this::discard, "codonfuse-run-cleanup");
    Runtime.getRuntime().addShutdownHook(cleanup);
  }

  /**
   * Begins a run that replaces what is there, or refuses to; see {@link #create(Path, Existing)}.
   */
  public static RunDirectory create(Path target, boolean overwrite) {
    return create(target, overwrite ? Existing.REPLACE : Existing.REFUSE);
  }

  /** Begins a run; see {@link #create(Path, DirectoryKind, Existing)}. */
  public static RunDirectory create(Path target, Existing existing) {
    return create(target, DirectoryKind.RUN, existing);
  }

  /**
   * Begins a training. Fails at once where it could not be written in the end.
   *
   * @param kind what it will hold
   * @param existing what becomes of one of this name, or an interrupted training
   * @throws UsageException if there is one and it must not be replaced, or something else
   * @throws CodonfuseException if the place cannot be written to, or another process writes there
   */
  public static RunDirectory create(Path target, DirectoryKind kind, Existing existing) {
    Path absolute = resolved(target);
    requireFree(target, absolute, kind, existing == Existing.REPLACE);
    List<Path> made =
        Stream.iterate(absolute.getParent(), p -> p != null && Files.notExists(p), Path::getParent)
            .toList();
    Path working = working(absolute);
    LockFile lock = null;
    try {
      lock = lock(target, working);
      if (TrainingCheckpoint.isIn(working) && existing == Existing.REFUSE) {
        throw new UsageException(
            target
                + ": its training was interrupted; go on with --resume, or begin again with"
                + " --overwrite.");
      }
      if (existing != Existing.RESUME || !TrainingCheckpoint.isIn(working)) {
        clear(working);
      }
      return new RunDirectory(absolute, kind, existing, working, lock, made);
    } catch (IOException e) {
      release(lock);
      removeEmpty(made);
      throw unwritable(target, e);
    } catch (RuntimeException | Error e) {
      release(lock);
      throw e;
    }
  }

  /** Whether there is a finished run. */
  public static boolean isFinished(Path target) {
    return isFinished(target, DirectoryKind.RUN);
  }

  /** Whether there is a finished training of this kind. */
  public static boolean isFinished(Path target, DirectoryKind kind) {
    return kind.isIn(resolved(target));
  }

  private static void requireFree(
      Path target, Path absolute, DirectoryKind kind, boolean overwrite) {
    if (Files.exists(absolute)) {
      if (!kind.isIn(absolute) && !isEmptyDirectory(absolute)) {
        throw new UsageException(
            target
                + (kind.hasFiles(absolute)
                    ? ": holds other files beside a %s's; move them away or choose another --output"
                            .formatted(kind.label())
                        + " directory."
                    : ": exists and is not a %s; choose another --output directory."
                        .formatted(kind.label())));
      }
      if (!overwrite && !isEmptyDirectory(absolute)) {
        throw new UsageException(
            "%s: a %s exists there; choose another --output or add --overwrite."
                .formatted(target, kind.label()));
      }
    }
    for (Path outer = absolute.getParent(); outer != null; outer = outer.getParent()) {
      Optional<DirectoryKind> around = DirectoryKind.of(outer);
      if (around.isPresent()) {
        throw new UsageException(
            "%s: lies inside the %s %s; choose another --output directory."
                .formatted(target, around.get().label(), outer));
      }
    }
  }

  /** Takes the working directory, which a process that finishes may be removing meanwhile. */
  private static LockFile lock(Path target, Path working) throws IOException {
    for (int attempt = 1; ; attempt++) {
      // Not a temporary directory of the library, whose permissions would ignore the umask.
      Files.createDirectories(working);
      LockFile lock;
      try {
        lock =
            LockFile.tryTake(working.resolve(LOCK))
                .orElseThrow(
                    () ->
                        new CodonfuseException(
                            target
                                + ": another process is training there; wait for it or choose"
                                + " another --output directory."));
      } catch (NoSuchFileException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        continue;
      }
      if (Files.exists(working.resolve(LOCK)) || attempt == ATTEMPTS) {
        return lock;
      }
      lock.close();
    }
  }

  private static void release(LockFile lock) {
    if (lock != null) {
      lock.close();
    }
  }

  private static void clear(Path working) throws IOException {
    try (Stream<Path> entries = Files.list(working)) {
      for (Path entry : entries.toList()) {
        if (!entry.getFileName().toString().equals(LOCK)) {
          AtomicFiles.deleteTree(entry);
        }
      }
    }
  }

  /** Where to write a file of the run. */
  public Path file(String name) {
    return files.resolve(name);
  }

  /** The directory that the files are written to. */
  public Path files() {
    return files;
  }

  /** Where a training keeps how far it is; what is there was kept by an earlier process. */
  public Path checkpoint() {
    return working;
  }

  /** The same for a process that trains together with the one that has the directory. */
  public static Path checkpointOf(Path target) {
    return working(resolved(target));
  }

  private static Path working(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".part");
  }

  /**
   * Puts the directory in its place.
   *
   * @throws CodonfuseException if that fails; the message says where the finished files lie then
   */
  public synchronized void finish() {
    try {
      if (Files.exists(target)) {
        if (!isEmptyDirectory(target) && !(existing == Existing.REPLACE && kind.isIn(target))) {
          throw new FileAlreadyExistsException(target.toString());
        }
        replaced = beside(".old");
        Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(files, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      putBack();
      throw new CodonfuseException(
          target
              + ": cannot be written ("
              + AtomicFiles.reason(e)
              + "); the finished run lies in "
              + kept()
              + ", move it from there.",
          e);
    }
    finished = true;
    removeWorking();
    if (replaced != null) {
      delete(replaced);
    }
  }

  /** Where the files of a run are that could not be put in its place. */
  private Path kept() {
    Path kept = beside(".finished");
    try {
      Files.move(files, kept, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException _) {
      finished = true;
      lock.close();
      return files;
    }
    finished = true;
    removeWorking();
    return kept;
  }

  private Path beside(String suffix) {
    return target.resolveSibling(
        "." + target.getFileName() + suffix + Long.toHexString(new SecureRandom().nextLong()));
  }

  /** The lock goes with it: whoever waits for it looks whether it is still there. */
  private void removeWorking() {
    delete(working);
    lock.close();
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
    if (finished) {
      return;
    }
    finished = true;
    putBack();
    if (TrainingCheckpoint.isIn(working)) {
      delete(files);
      lock.close();
      LOG.warn(
          "{}: interrupted; the same command{} goes on where it was",
          target,
          existing == Existing.RESUME ? "" : " with --resume");
    } else {
      removeWorking();
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
