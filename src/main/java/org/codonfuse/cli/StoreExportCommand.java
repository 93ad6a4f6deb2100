package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.ExportFormat;
import org.codonfuse.embedding.store.StoreExport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  @Mixin private ExportOptions options;

  @Parameters(
      paramLabel = "STORE",
      description = "Directory that 'codonfuse embed' or 'align' wrote.")
  private Path directory;

  @Override
  public Integer call() {
    Console console = global.console();
    ExportFormat format = options.format();
    options.requireFree(directory);
    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      StoreExport export = StoreExport.of(store, options.entries(store));
      export.write(options.output(), format, console.progress());
      console.print("%s: %d sequences".formatted(options.output(), export.sequences()));
    }
    return 0;
  }
}
