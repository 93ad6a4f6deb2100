package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.io.AtomicFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code codonfuse models random}: a directory of a published shape with random weights. */
@Command(
    name = "random",
    description = {
      "Writes a model directory of a published shape with random weights, for benchmarks and"
          + " tests.",
      "The same --seed gives the same bytes. Its embeddings mean nothing."
    })
final class ModelsRandomCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;

  @Parameters(
      index = "0",
      paramLabel = "PRESET",
      description = "The published encoder, see 'codonfuse models list'.")
  private String name;

  @Parameters(index = "1", paramLabel = "DIR", description = "A directory that is new or empty.")
  private Path directory;

  @Override
  public Integer call() {
    Console console = global.console();
    EncoderPreset preset =
        EncoderPreset.find(name)
            .orElseThrow(
                () ->
                    new UsageException(
                        "'"
                            + name
                            + "' is no preset; use one of "
                            + EncoderPreset.ALL.stream()
                                .map(EncoderPreset::name)
                                .collect(Collectors.joining(", "))));
    requireEmpty();
    console.note(
        "Writing random weights in the shape of "
            + preset.name()
            + " ("
            + ModelResolver.mebibytes(Float.BYTES * preset.parameters())
            + ") to "
            + directory);
    RandomEncoder.write(directory, preset.family(), preset.config(), global.seed());
    console.print(directory.toString());
    return 0;
  }

  private void requireEmpty() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isEmpty()) {
        return;
      }
    } catch (IOException e) {
      throw new CodonfuseException(
          directory + ": cannot be used (" + AtomicFiles.reason(e) + "); choose another DIR.", e);
    }
    throw new UsageException(directory + ": is not empty; choose a directory that is");
  }
}
