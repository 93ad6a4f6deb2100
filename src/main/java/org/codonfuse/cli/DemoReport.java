package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.explain.AttributionMethod;
import org.codonfuse.explain.Baseline;
import org.codonfuse.explain.ExplainSettings;
import org.codonfuse.explain.Explainer;
import org.codonfuse.explain.ExplanationDirectory;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.report.Report;
import org.codonfuse.report.ReportData;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.SavedRun;
import org.codonfuse.weights.Sha256;

/** The part of {@code demo} that says what the models found: an explanation and the report. */
final class DemoReport {
  /** A small sample, so that the demonstration stays short. */
  private static final int ATTRIBUTED = 40;

  private static final int MUTATED = 10;

  private DemoReport() {}

  /** Explains the fused model as {@code explain} does. */
  static void explain(Console console, TrainableBackend backend, Path output, long seed) {
    Path run = DemoPrediction.run(output, FusionConfig.CONCAT);
    Path data = DemoPrediction.data(output);
    ExplainSettings settings =
        new ExplainSettings(
            AttributionMethod.INTEGRATED_GRADIENTS,
            ExplainSettings.STEPS,
            Baseline.MEAN,
            List.of(),
            ATTRIBUTED,
            MUTATED,
            false,
            seed);
    EmbeddingOptions embedding =
        new EmbeddingOptions(
            false,
            new EmbeddingCache(DemoPrediction.embeddings(output)),
            VersionProvider.version());
    try (SavedRun saved = SavedRun.open(backend, run, List.of())) {
      Dataset dataset = Dataset.load(data, ReadOptions.detect(), saved.datasetOptions());
      ExplanationDirectory.replace(
          run.resolve(ExplanationDirectory.NAME),
          new Explainer(saved, settings, embedding, console.progress())
              .explain(dataset, Sha256.of(data)));
    }
  }

  /**
   * Writes the report on the models that there are.
   *
   * @param fusions their names
   * @return where it is; empty if no run is there as a whole
   */
  static Optional<Path> write(Path output, List<String> fusions) {
    List<Path> runs =
        fusions.stream()
            .map(fusion -> DemoPrediction.run(output, fusion))
            .filter(RunDirectory::isFinished)
            .toList();
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    Path file = output.resolve(Report.NAME);
    Report.requireReplaceable(file);
    Report.of(ReportData.read(runs)).write(file, VersionProvider.version());
    return Optional.of(file);
  }
}
