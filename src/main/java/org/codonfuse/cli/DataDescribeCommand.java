package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.sequence.DatasetDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse data describe}: what is in a file, before anything is learned from it. */
@Command(
    name = "describe",
    description = {
      "Says what is in a file of sequences.",
      "Lengths, GC, targets, what cleaning finds, and near-duplicates: how many test sequences have"
          + " one in training. Takes the options that say what 'train' would make of the file."
    })
final class DataDescribeCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private DataOptions dataOptions;
  @Mixin private DatasetArguments dataset;

  @Parameters(paramLabel = "FILE", description = "CSV or FASTA, may be gzipped.")
  private Path file;

  @Option(
      names = "--similarity",
      paramLabel = "X",
      description =
          "What near-duplicates are: share of common 10-mers among all of both, from 0.1 to 1"
              + " (default: ${DEFAULT-VALUE}).")
  private double similarity = DatasetDescription.SIMILARITY;

  @Override
  public Integer call() {
    Console console = global.console();
    DatasetDescription description =
        DatasetDescription.of(
            file, dataOptions.read(), dataset.options(global.seed(), false), similarity);
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", file.toString());
      result.putAll(description.toMap());
      console.json(result);
    } else {
      new DescriptionText(file, description).lines().forEach(console::print);
    }
    return 0;
  }
}
