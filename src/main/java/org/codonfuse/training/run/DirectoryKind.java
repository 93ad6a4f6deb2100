package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a training leaves in a {@link RunDirectory}.
 *
 * @param label its name in messages
 * @param files by which it is known
 * @param others what may be beside them
 */
public record DirectoryKind(String label, Set<String> files, Set<String> others) {
  /** A predictor and what is known of it. */
  public static final DirectoryKind RUN =
      new DirectoryKind(
          "run",
          Set.of(
              RunDirectory.CONFIG,
              RunDirectory.MODEL,
              RunDirectory.HISTORY,
              RunDirectory.METRICS,
              RunDirectory.PREDICTIONS),
          Set.of(
              RunDirectory.REPORT,
              RunDirectory.EXPLANATION,
              RunDirectory.ADAPTERS,
              RunDirectory.ENCODERS));

  /** An encoder as it is published, and how it was trained. */
  public static final DirectoryKind ENCODER =
      new DirectoryKind(
          "pretrained encoder",
          Set.of(
              RunDirectory.CONFIG,
              RunDirectory.MODEL,
              RunDirectory.VOCABULARY,
              RunDirectory.HISTORY,
              RunDirectory.METRICS,
              RunDirectory.PRETRAINING),
          Set.of(RunDirectory.ADAPTER));

  /** What is left of writing files about a training where a process was killed. */
  private static final Pattern ABANDONED =
      Pattern.compile(
          "\\.(?:%s|%s)\\..*\\.(?:part|old)"
              .formatted(Pattern.quote(RunDirectory.REPORT), RunDirectory.EXPLANATION));

  /** Copies the sets. */
  public DirectoryKind {
    files = Set.copyOf(files);
    others = Set.copyOf(others);
  }

  /** The kind whose files a directory has. */
  static Optional<DirectoryKind> of(Path directory) {
    return Stream.of(RUN, ENCODER).filter(kind -> kind.hasFiles(directory)).findFirst();
  }

  /** What may be replaced: the files of this kind, what this program adds to them, nothing else. */
  boolean isIn(Path directory) {
    if (!hasFiles(directory)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .allMatch(
              name ->
                  files.contains(name)
                      || others.contains(name)
                      || ABANDONED.matcher(name).matches());
    } catch (IOException _) {
      return false;
    }
  }

  /** Another directory with a configuration and a model must not pass for one of this kind. */
  boolean hasFiles(Path directory) {
    return files.stream().allMatch(name -> Files.isRegularFile(directory.resolve(name)));
  }
}
