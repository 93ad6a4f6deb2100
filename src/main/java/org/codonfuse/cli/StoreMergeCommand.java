package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreMerge;
import org.codonfuse.embedding.store.StoreSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse store merge}: the shards of a store become one. */
@Command(
    name = "merge",
    description = {
      "Joins the shards that 'codonfuse embed --shard' wrote to one embedding store.",
      "The rows are not copied where the file system can give a file another name."
    })
final class StoreMergeCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;

  @Option(
      names = "--output",
      paramLabel = "STORE",
      required = true,
      description = "Directory to write; an interrupted merge goes on.")
  private Path output;

  @Parameters(
      paramLabel = "SHARD",
      arity = "1..*",
      description = "All shards of the store, complete, in any order.")
  private List<Path> shards;

  @Override
  public Integer call() {
    Console console = global.console();
    StoreMerge.write(output, shards, console.progress());
    StoreManifest manifest = StoreSummary.of(output).manifest();
    console.print(
        "%s: %d sequences, %d rows in %d parts"
            .formatted(
                output,
                manifest.count(StoreManifest.SEQUENCES),
                manifest.count(StoreManifest.ROWS),
                manifest.count(StoreManifest.PARTS)));
    return 0;
  }
}
