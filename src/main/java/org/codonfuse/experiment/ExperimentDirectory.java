package org.codonfuse.experiment;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  /** The page on the experiment. */
  public static final String REPORT = "report.html";

  private static final String PLAN = "plan.json";
  private static final String RUNS = "runs";
  private static final String JOURNAL = "journal";
  private static final String LOCKS = ".locks";
  private static final String REMOVED = ".removed";

  /** In the order in which they are removed: the locks say to the last that this is one. */
  private static final List<String> OURS =
      List.of(REMOVED, JOURNAL, RESULTS, TABLE, REPORT, RUNS, PLAN, LOCKS);

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
      if (Files.exists(directory) && !Files.isDirectory(directory)) {
        throw new UsageException(
            directory + ": is not a directory; choose another --output directory.");
      }
      if (Files.exists(directory) && !Files.exists(file) && !isBegun(directory)) {
        throw new UsageException(
            directory + ": exists and is no experiment; choose another --output directory.");
      }
      ExperimentDirectory opened = new ExperimentDirectory(directory);
      if (Files.exists(file)) {
        List<String> differences =
            TreeDifference.between(JSON.readTree(Files.readAllBytes(file)), JSON.readTree(text));
        if (differences.isEmpty()) {
          opened.makeDirectories();
          return opened;
        }
        if (!overwrite) {
          throw new UsageException(changed(directory, differences));
        }
        opened.clear();
      }
      opened.makeDirectories();
      AtomicFiles.writeString(file, text);
      return opened;
    } catch (JacksonException e) {
      throw new CodonfuseException(file + ": is damaged; choose another --output directory.", e);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    }
  }

  private void makeDirectories() throws IOException {
    Files.createDirectories(directory.resolve(LOCKS));
    Files.createDirectories(directory.resolve(JOURNAL));
  }

  /**
   * Whether there is nothing but what precedes the plan: another process writes it at this moment,
   * as those of an array of jobs do that start together, or was killed before.
   */
  private static boolean isBegun(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      List<String> names = entries.map(entry -> entry.getFileName().toString()).toList();
      return names.isEmpty()
          || (names.contains(LOCKS)
              && names.stream()
                  .allMatch(name -> OURS.contains(name) || name.startsWith("." + PLAN + ".")));
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
    // At once: what was removed by half would pass for done, or for something else.
    Path runs = directory.resolve(RUNS);
    if (Files.exists(runs)) {
      Path removed = directory.resolve(REMOVED);
      if (Files.exists(removed)) {
        AtomicFiles.deleteTree(removed);
      }
      Files.move(runs, removed, StandardCopyOption.ATOMIC_MOVE);
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
