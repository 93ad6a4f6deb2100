package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.io.AtomicFiles;

/** The encoders that benchmarks run: directories, or presets with random weights. */
final class BenchModels {
  private BenchModels() {}

  /**
   * Gives a measurement the directory of a model, which for a preset is there only so long.
   *
   * @param model a model directory or the name of a preset
   * @param seed of random weights
   */
  static <T> T measure(String model, long seed, Function<Path, T> measurement) {
    Path directory = Path.of(model);
    if (Files.isDirectory(directory)) {
      return measurement.apply(directory);
    }
    EncoderPreset preset =
        EncoderPreset.find(model)
            .orElseThrow(
                () -> new UsageException("'" + model + "' is no preset and no model directory"));
    try {
      Path made = Files.createTempDirectory("codonfuse-bench");
      try {
        RandomEncoder.write(made, preset.family(), preset.config(), seed);
        return measurement.apply(made);
      } finally {
        AtomicFiles.deleteTree(made);
      }
    } catch (IOException e) {
      throw new CodonfuseException(
          "random weights of "
              + model
              + " cannot be written to the directory for temporary files ("
              + AtomicFiles.reason(e)
              + "); make room there or set CODONFUSE_JAVA_OPTIONS=-Djava.io.tmpdir=DIR.",
          e);
    }
  }
}
