package org.codonfuse;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The golden cases: the folder of {@code -Dcodonfuse.golden=DIR}, by default the test resources.
 */
public final class Golden {
  private Golden() {}

  /** The folder. */
  public static Path directory() {
    String given = System.getProperty("codonfuse.golden", "");
    if (!given.isBlank()) {
      return Path.of(given);
    }
    URL resource = Objects.requireNonNull(Golden.class.getResource("/golden"), "no golden cases");
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The folders within one of its folders that hold a file of this name, sorted. */
  public static List<Path> cases(String folder, String file) {
    Path parent = directory().resolve(folder);
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.filter(entry -> Files.exists(entry.resolve(file))).sorted().toList();
    } catch (java.io.IOException e) {
      throw new AssertionError(parent + " holds no golden cases", e);
    }
  }
}
