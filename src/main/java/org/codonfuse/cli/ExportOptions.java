package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.ExportFormat;
import org.codonfuse.embedding.store.IndexEntry;
import picocli.CommandLine.Option;

/** Which sequences of a store go to which file. */
final class ExportOptions {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "File to write; it appears when it is whole.")
  private Path output;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "safetensors, npy or csv (default: the extension of FILE).")
  private Optional<String> format = Optional.empty();

  @Option(
      names = "--ids",
      paramLabel = "ID",
      split = ",",
      description = "Only these sequences (default: all).")
  private List<String> ids = List.of();

  @Option(names = "--overwrite", description = "Replace FILE if it exists.")
  private boolean overwrite;

  /** The file. */
  Path output() {
    return output;
  }

  /** The sequences, in the order of the input. */
  List<IndexEntry> entries(EmbeddingStore store) {
    return ids.isEmpty() ? store.entries() : store.entries(ids);
  }

  /** What the file is to be. */
  ExportFormat format() {
    String name = output.toString();
    String wanted = format.orElse(name.substring(name.lastIndexOf('.') + 1));
    return Arrays.stream(ExportFormat.values())
        .filter(known -> known.label().equals(wanted.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    (format.isPresent()
                            ? "--format " + wanted + " is unknown; give "
                            : output + ": the extension names no format; give --format ")
                        + Arrays.stream(ExportFormat.values())
                            .map(ExportFormat::label)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * Before anything is computed.
   *
   * @param store what is read
   */
  void requireFree(Path store) {
    if (Files.exists(output) && !overwrite) {
      throw new UsageException(
          output + ": exists; give --overwrite to replace it, or another --output");
    }
    try {
      // What a link leads to is what would be replaced.
      Path place = Files.exists(output) ? output.toRealPath() : output.toAbsolutePath();
      for (Path parent = place.normalize().getParent();
          parent != null;
          parent = parent.getParent()) {
        if (Files.exists(parent) && Files.isSameFile(parent, store)) {
          throw new UsageException(output + ": lies in the store; choose another --output");
        }
      }
    } catch (IOException e) {
      // The store is not there, which opening it says.
    }
  }
}
