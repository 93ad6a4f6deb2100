package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Precision;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.weights.StoredType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse models convert}: any published layout to one safetensors file. */
@Command(
    name = "convert",
    description = {
      "Writes a model as config.json, vocab.txt and model.safetensors, as Python reads them.",
      "RNA-FM_pretrained.pth may be given alone: the published vocabulary is written with it."
    })
final class ModelsConvertCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;

  @Parameters(
      paramLabel = "DIR|FILE",
      description = "Model directory in any published layout, or the weights of RNA-FM alone.")
  private Path input;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Directory to write, which holds no weights yet.")
  private Path output;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, float16 or bfloat16 (default: as they are stored).")
  private Optional<String> dtype = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The config.json of weights that are given alone.")
  private Optional<Path> config = Optional.empty();

  @Override
  public Integer call() {
    Console console = global.console();
    Optional<StoredType> type =
        dtype.map(Precision::of).map(precision -> StoredType.of(precision.dtype()));
    Path weights = output.resolve("model.safetensors");
    if (Files.exists(weights, LinkOption.NOFOLLOW_LINKS)) {
      throw new CodonfuseException(weights + ": is there already; choose another --output.");
    }
    try (PublishedEncoder encoder = open()) {
      encoder.requireFinite(console.progress());
      encoder.write(output, type);
    }
    try (PublishedEncoder written = PublishedEncoder.open(output)) {
      console.print(
          "%s: %s, %s parameters, %s"
              .formatted(
                  output,
                  written.family().label(),
                  String.format(Locale.ROOT, "%,d", written.parameters()),
                  written.types().stream().map(Enum::name).collect(Collectors.joining(", "))));
    }
    return 0;
  }

  private PublishedEncoder open() {
    if (!Files.isDirectory(input)) {
      return PublishedEncoder.openBare(input, config);
    }
    if (config.isPresent()) {
      throw new UsageException("--config belongs to weights alone; " + input + " has its own");
    }
    return PublishedEncoder.open(input);
  }
}
