package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.StoreExport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse store export}: the rows of a store for other programs. */
@Command(
    name = "export",
    description = {
      "Writes the rows of an embedding store to one file.",
      "safetensors: a tensor for every sequence, named by its id. npy: an array with one row a"
          + " sequence, in the order of the input, for pooled stores. csv: id, row, v0, v1, ..."
    })
final class StoreExportCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;

  @Parameters(paramLabel = "STORE", description = "Directory that 'codonfuse embed' wrote.")
  private Path directory;

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

  @Override
  public Integer call() {
    Console console = global.console();
    StoreExport.Format chosen = format();
    requireFree();
    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      StoreExport export = ids.isEmpty() ? StoreExport.of(store) : StoreExport.of(store, ids);
      export.write(output, chosen, console.progress());
      console.print("%s: %d sequences".formatted(output, export.sequences()));
    }
    return 0;
  }

  private StoreExport.Format format() {
    String name = output.toString();
    String wanted = format.orElse(name.substring(name.lastIndexOf('.') + 1));
    return Arrays.stream(StoreExport.Format.values())
        .filter(known -> known.label().equals(wanted.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    (format.isPresent()
                            ? "--format " + wanted + " is unknown; give "
                            : output + ": the extension names no format; give --format ")
                        + Arrays.stream(StoreExport.Format.values())
                            .map(StoreExport.Format::label)
                            .collect(Collectors.joining(", "))));
  }

  private void requireFree() {
    if (Files.exists(output) && !overwrite) {
      throw new UsageException(
          output + ": exists; give --overwrite to replace it, or another --output");
    }
    Path parent = output.toAbsolutePath().getParent();
    try {
      if (parent != null && Files.exists(parent) && Files.isSameFile(parent, directory)) {
        throw new UsageException(output + ": lies in the store; choose another --output");
      }
    } catch (IOException e) {
      // The store is not there, which opening it says.
    }
  }
}
