package org.codonfuse.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.experiment.CellResult;
import org.codonfuse.experiment.Results;
import org.codonfuse.experiment.RowResult;

/** What a report is about: some runs, and the experiment that they belong to. */
public final class ReportData {
  private final String title;
  private final List<ReportRun> runs;
  private final Optional<Results> experiment;

  private ReportData(String title, List<ReportRun> runs, Optional<Results> experiment) {
    this.title = title;
    this.runs = List.copyOf(runs);
    this.experiment = experiment;
  }

  /** A report on runs in this order. */
  ReportData(List<ReportRun> runs) {
    this(
        runs.size() == 1
            ? "Report on " + runs.getFirst().name()
            : "Report on %d models".formatted(runs.size()),
        runs,
        Optional.empty());
  }

  /**
   * Reads runs.
   *
   * @param directories those that trainings or baselines wrote, one or more
   * @throws UsageException if one is named twice or is no directory
   * @throws CodonfuseException if one cannot be read
   */
  public static ReportData read(List<Path> directories) {
    List<String> names = names(directories);
    List<ReportRun> runs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (!Files.isDirectory(directories.get(i))) {
        throw new UsageException(
            directories.get(i) + ": is not a directory; name one that 'codonfuse train' wrote.");
      }
      runs.add(ReportRun.read(names.get(i), directories.get(i)));
    }
    return new ReportData(runs);
  }

  /**
   * Reads the runs of an experiment, of every model that of the first seed or fold.
   *
   * @throws CodonfuseException if one cannot be read
   */
  public static ReportData of(Results results) {
    boolean several = results.plan().data().size() > 1;
    List<ReportRun> runs = new ArrayList<>();
    for (RowResult row : results.rows()) {
      if (!row.runs().isEmpty()) {
        CellResult first = row.runs().getFirst();
        String name = row.row().name();
        runs.add(ReportRun.read(several ? row.data().name() + ": " + name : name, first.run()));
      }
    }
    return new ReportData(results.plan().name(), runs, Optional.of(results));
  }

  String title() {
    return title;
  }

  /** The runs in the order in which they are shown. */
  List<ReportRun> runs() {
    return runs;
  }

  /** The experiment. */
  Optional<Results> experiment() {
    return experiment;
  }

  /** The runs by something that they have in common, in their order. */
  <K> Map<K, List<ReportRun>> by(Function<ReportRun, K> key) {
    Map<K, List<ReportRun>> groups = new LinkedHashMap<>();
    runs.forEach(run -> groups.computeIfAbsent(key.apply(run), _ -> new ArrayList<>()).add(run));
    return groups;
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
