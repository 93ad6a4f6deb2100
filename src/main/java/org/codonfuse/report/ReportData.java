package org.codonfuse.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.ExplanationDirectory;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.RunConfig;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.RunHistory;
import org.codonfuse.training.run.RunMetrics;

/**
 * What a report is about.
 *
 * @param runs one or more, in the order in which they are shown
 */
public record ReportData(List<ReportRun> runs) {
  /** Keeps the order. */
  public ReportData {
    runs = List.copyOf(runs);
  }

  /**
   * Reads runs.
   *
   * @param directories those that trainings wrote, one or more
   * @throws UsageException if one is named twice or is no directory
   * @throws CodonfuseException if one cannot be read
   */
  public static ReportData read(List<Path> directories) {
    List<String> names = names(directories);
    List<ReportRun> runs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      runs.add(run(names.get(i), directories.get(i)));
    }
    return new ReportData(runs);
  }

  private static ReportRun run(String name, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new UsageException(
          directory + ": is not a directory; name one that 'codonfuse train' wrote.");
    }
    RunConfig config = RunConfig.read(directory.resolve(RunDirectory.CONFIG));
    Outputs outputs = new Outputs(config.task(), config.classes(), config.targets());
    return new ReportRun(
        name,
        directory,
        config,
        outputs,
        RunHistory.read(directory, outputs),
        RunMetrics.read(directory),
        explanation(directory.resolve(ExplanationDirectory.NAME)));
  }

  private static Optional<Explanation> explanation(Path directory) {
    return ExplanationDirectory.isIn(directory)
        ? Optional.of(ExplanationDirectory.read(directory))
        : Optional.empty();
  }

  /** The last names of the paths, with as many before them as tell all apart. */
  private static List<String> names(List<Path> directories) {
    List<Path> absolute =
        directories.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    Set<Path> seen = new HashSet<>();
    for (int i = 0; i < absolute.size(); i++) {
      if (!seen.add(absolute.get(i))) {
        throw new UsageException(directories.get(i) + ": is named twice; name every run once.");
      }
    }
    int longest = absolute.stream().mapToInt(Path::getNameCount).max().orElse(1);
    for (int length = 1; length < longest; length++) {
      int parts = length;
      List<String> names = absolute.stream().map(path -> last(path, parts)).toList();
      if (Set.copyOf(names).size() == names.size()) {
        return names;
      }
    }
    return absolute.stream().map(Path::toString).toList();
  }

  private static String last(Path path, int parts) {
    int count = path.getNameCount();
    return count == 0
        ? path.toString()
        : path.subpath(Math.max(0, count - parts), count).toString();
  }
}
