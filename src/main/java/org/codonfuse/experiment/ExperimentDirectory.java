package org.codonfuse.experiment;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.io.LockFile;
import org.codonfuse.training.TreeDifference;
import org.codonfuse.training.run.RunDirectory;

/**
 * Where an experiment's runs and tables lie. Several processes may work in one at a time: each
 * claims the cells that it does.
 */
public final class ExperimentDirectory {
  /** One line per cell. */
  public static final String RESULTS = "results.csv";

  /** The tables. */
  public static final String TABLE = "table.md";

  private static final String PLAN = "plan.json";
  private static final String RUNS = "runs";
  private static final String JOURNAL = "journal";
  private static final String LOCKS = ".locks";
  private static final List<String> OURS = List.of(PLAN, RUNS, JOURNAL, LOCKS, RESULTS, TABLE);

  private static final int SHOWN = 6;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path directory;

  private ExperimentDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens the directory of a plan, which may have been begun before.
   *
   * @param overwrite whether the results of another plan are removed
   * @throws UsageException if it holds something else, or another plan, saying what differs
   */
  public static ExperimentDirectory open(Path directory, ExperimentPlan plan, boolean overwrite) {
    Path file = directory.resolve(PLAN);
    String text = Json.pretty(PlanRecord.of(plan)) + "\n";
    try {
      if (Files.exists(directory) && !Files.exists(file) && !isEmpty(directory)) {
        throw new UsageException(
            directory + ": exists and is no experiment; choose another --output directory.");
      }
      ExperimentDirectory opened = new ExperimentDirectory(directory);
      if (Files.exists(file)) {
        List<String> differences =
            TreeDifference.between(JSON.readTree(Files.readAllBytes(file)), JSON.readTree(text));
        if (differences.isEmpty()) {
          return opened;
        }
        if (!overwrite) {
          throw new UsageException(changed(directory, differences));
        }
        opened.clear();
      }
      Files.createDirectories(directory.resolve(LOCKS));
      Files.createDirectories(directory.resolve(JOURNAL));
      AtomicFiles.writeString(file, text);
      return opened;
    } catch (JacksonException e) {
      throw new CodonfuseException(file + ": is damaged; choose another --output directory.", e);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  private static String changed(Path directory, List<String> differences) {
    int more = differences.size() - SHOWN;
    return "%s: was begun with another experiment: %s%s; choose another --output, or --overwrite to"
            .formatted(
                directory,
                String.join("; ", differences.subList(0, Math.min(SHOWN, differences.size()))),
                more > 0 ? "; and " + more + " more" : "")
        + " remove its results.";
  }

  /** Removes what an experiment wrote, unless somebody works on it. */
  private void clear() throws IOException {
    Path locks = directory.resolve(LOCKS);
    if (Files.isDirectory(locks)) {
      try (Stream<Path> entries = Files.list(locks)) {
        for (Path lock : entries.toList()) {
          Optional<LockFile> free = LockFile.tryTake(lock);
          if (free.isEmpty()) {
            throw new UsageException(
                "%s: another process works on it; stop that one or choose another --output."
                    .formatted(directory));
          }
          free.get().close();
        }
      }
    }
    for (String name : OURS) {
      Path path = directory.resolve(name);
      if (Files.exists(path)) {
        AtomicFiles.deleteTree(path);
      }
    }
  }

  /** The directory. */
  public Path path() {
    return directory;
  }

  /** The directory of a cell's run. */
  public Path run(Cell cell) {
    return directory.resolve(RUNS).resolve(cell.id());
  }

  /** Whether a cell's run is there, which it is only as a whole. */
  public boolean isDone(Cell cell) {
    return Files.isDirectory(run(cell)) && Files.exists(run(cell).resolve(RunDirectory.METRICS));
  }

  /** The result of a cell that is done. */
  public CellResult result(Cell cell) {
    return CellResult.read(cell, run(cell), Double.NaN);
  }

  /** The directory of journals. */
  Path journals() {
    return directory.resolve(JOURNAL);
  }

  /**
   * Claims a cell.
   *
   * @return the claim, which the caller closes; empty if another process has it
   */
  Optional<LockFile> claim(Cell cell) {
    try {
      return LockFile.tryTake(
          directory.resolve(LOCKS).resolve(cell.id().replace('/', '_') + ".lock"));
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    }
  }
}
