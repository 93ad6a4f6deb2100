package org.codonfuse.embedding.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** The names in a store's directory. */
final class StoreFiles {
  static final String MANIFEST = "manifest.json";
  static final String INDEX = "index.csv";

  /** Held by the writer. */
  static final String LOCK = ".lock";

  private static final Pattern PART = Pattern.compile("part-(\\d{5,9})\\.safetensors");

  /** Those of {@link AtomicFiles} too. */
  private static final Pattern TEMPORARY =
      Pattern.compile("\\.(manifest\\.json|index\\.csv|part-\\d{5,9}\\.safetensors)\\..*part");

  private StoreFiles() {}

  static Path part(Path directory, int number) {
    return directory.resolve(String.format(Locale.ROOT, "part-%05d.safetensors", number));
  }

  /** Where a part is written before it is renamed. */
  static Path temporary(Path part) {
    return part.resolveSibling("." + part.getFileName() + ".new.part");
  }

  /** The numbers of the parts that lie there, ascending. */
  static List<Integer> parts(Path directory) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (Path file : list(directory)) {
      Matcher name = PART.matcher(file.getFileName().toString());
      if (name.matches() && file.equals(part(directory, Integer.parseInt(name.group(1))))) {
        numbers.add(Integer.parseInt(name.group(1)));
      }
    }
    numbers.sort(null);
    return numbers;
  }

  /** Removes what killed writers left; only for the holder of the lock. */
  static void removeTemporaries(Path directory) throws IOException {
    for (Path file : list(directory)) {
      if (TEMPORARY.matcher(file.getFileName().toString()).matches()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Whether a directory holds nothing but what a writer leaves that was killed at once. */
  static boolean isUnused(Path directory) throws IOException {
    return list(directory).stream()
        .map(file -> file.getFileName().toString())
        .allMatch(name -> name.equals(LOCK) || TEMPORARY.matcher(name).matches());
  }

  /** Makes renames in a directory durable. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Fails unless a directory has a manifest.
   *
   * @throws CodonfuseException that says what is there instead
   */
  static void requireStore(Path directory) {
    String wrong =
        !Files.exists(directory)
            ? "no such directory"
            : !Files.isDirectory(directory)
                ? "is a file, not an embedding store"
                : Files.notExists(directory.resolve(MANIFEST))
                    ? "is no embedding store (it has no " + MANIFEST + ")"
                    : null;
    if (wrong != null) {
      throw new CodonfuseException(
          directory + ": " + wrong + "; name a directory that 'codonfuse embed' wrote.");
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }
}
