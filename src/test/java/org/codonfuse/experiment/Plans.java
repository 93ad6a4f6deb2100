package org.codonfuse.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.codonfuse.UsageException;

/** Plans of experiments for tests. */
final class Plans {
  /** Two models, two seeds, and a grid of two λ. */
  static final String SMALL =
      """
      data: {name: Set A, file: data.csv}
      encoders: {rna: here, protein: there}
      fusions: [rna, {fusion: mil, lambda: [0, 0.5]}]
      baselines: [length-gc]
      seeds: [7, 8]
      """;

  private Plans() {}

  /** Reads a plan beside a data file. */
  static ExperimentPlan read(Path folder, String yaml) {
    return read(folder, yaml, PlanReader.Overrides.NONE);
  }

  static ExperimentPlan read(Path folder, String yaml, PlanReader.Overrides overrides) {
    try {
      Path data = folder.resolve("data.csv");
      if (Files.notExists(data)) {
        Files.writeString(data, "Sequence,Value\nAUG,1\n");
      }
      return PlanReader.read(
          Files.writeString(folder.resolve("plan.yaml"), yaml),
          overrides,
          model -> {
            if (model.equals("nowhere")) {
              throw new UsageException("'nowhere' is no model");
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
