package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Work;
import org.codonfuse.embedding.StorePooling;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.ExportFormat;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse pool}: one row for every sequence of a store. */
@Command(
    name = "pool",
    description = {
      "Pools the rows of every sequence of an embedding store to one, in float32.",
      "safetensors: a tensor 'embeddings' [sequences, width], the ids as a JSON array under 'ids'"
          + " in the metadata. npy: the same array. csv: id, v0, v1, ... All are in the order of"
          + " the store's index.csv."
    })
final class PoolCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private ExportOptions export;

  @Parameters(
      paramLabel = "STORE",
      description = "Directory that 'codonfuse embed' or 'align' wrote.")
  private Path directory;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      required = true,
      description = {
        "mean or max over the rows of tokens or codons;",
        "cls takes that of the first, special token, which only stores of 'embed --pool cls' have."
      })
  private String mode;

  @Override
  public Integer call() {
    Console console = global.console();
    Pooling wanted = mode();
    ExportFormat format = export.format();
    export.requireFree(directory);
    try (EmbeddingStore store = EmbeddingStore.open(directory);
        Backend backend = backendOptions.open(global, console, Work.INFERENCE).backend()) {
      List<IndexEntry> entries = export.entries(store);
      StorePooling.write(
          backend, store, entries, wanted, export.output(), format, console.progress());
      report(console, backend, format, entries.size(), store.width());
    }
    return 0;
  }

  private Pooling mode() {
    return switch (mode.toLowerCase(Locale.ROOT)) {
      case "mean" -> Pooling.MEAN;
      case "max" -> Pooling.MAX;
      case "cls" -> Pooling.CLS;
      default -> throw new UsageException("--mode " + mode + " is unknown; give mean, max or cls");
    };
  }

  private void report(
      Console console, Backend backend, ExportFormat format, int sequences, int width) {
    if (!json.wanted()) {
      console.print("%s: %d sequences".formatted(export.output(), sequences));
      return;
    }
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("store", directory.toString());
    results.put("output", export.output().toString());
    results.put("format", format.label());
    results.put("mode", mode.toLowerCase(Locale.ROOT));
    results.put("backend", backend.description());
    results.put("sequences", sequences);
    results.put("width", width);
    console.json(results);
  }
}
