package org.codonfuse.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.ExplanationDirectory;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.Epoch;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.RunConfig;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.RunHistory;
import org.codonfuse.training.run.RunMetrics;
import org.codonfuse.training.run.RunPredictions;
import org.codonfuse.training.run.StreamSources;
import org.codonfuse.training.run.TargetConfig;

/**
 * A run as reports know it.
 *
 * @param name what it is called in the report, unlike every other there
 * @param directory where it lies
 * @param origin what made it
 * @param history its epochs; empty of a baseline without any
 * @param metrics by split; empty for a split that it does not have
 * @param predictions for all its rows
 * @param explanation what {@code codonfuse explain} found out about it
 */
record ReportRun(
    String name,
    Path directory,
    Origin origin,
    List<Epoch> history,
    Map<Split, MetricReport> metrics,
    RunPredictions predictions,
    Optional<Explanation> explanation) {

  static ReportRun read(String name, Path directory) {
    Origin origin = origin(directory);
    return new ReportRun(
        name,
        directory,
        origin,
        origin instanceof Origin.Trained ? RunHistory.read(directory, origin.outputs()) : List.of(),
        RunMetrics.read(directory),
        RunPredictions.read(directory, origin.outputs()),
        explanation(directory.resolve(ExplanationDirectory.NAME), origin));
  }

  private static Optional<Explanation> explanation(Path directory, Origin origin) {
    if (!ExplanationDirectory.isIn(directory)) {
      return Optional.empty();
    }
    Explanation explanation = ExplanationDirectory.read(directory);
    Explanation.Summary summary = explanation.summary();
    boolean fits =
        summary.outputs().equals(origin.outputs().outputNames())
            && (!(origin instanceof Origin.Trained trained)
                || Set.copyOf(summary.modalities()).equals(Set.copyOf(trained.streams())));
    if (!fits) {
      throw new CodonfuseException(
          "%s: is about another model, which predicts %s from %s; explain the run again."
              .formatted(
                  directory,
                  String.join(", ", summary.outputs()),
                  String.join(", ", summary.modalities())));
    }
    return Optional.of(explanation);
  }

  private static Origin origin(Path directory) {
    return RidgeConfig.isIn(directory)
        ? new Origin.Ridge(RidgeConfig.read(directory))
        : new Origin.Trained(RunConfig.read(directory.resolve(RunDirectory.CONFIG)));
  }

  /** What it predicts. */
  Outputs outputs() {
    return origin.outputs();
  }

  /** The names of what it predicts. */
  String targets() {
    return outputs().targets().stream().map(TargetConfig::name).collect(Collectors.joining(", "));
  }

  /** Its inputs and how they are fused, such as {@code concat (dna, rna, protein)}. */
  String model() {
    return switch (origin) {
      case Origin.Ridge(RidgeConfig config) -> config.baseline() + " (ridge)";
      case Origin.Trained trained when isFused() ->
          trained.config().fusion().name() + " (" + String.join(", ", trained.streams()) + ")";
      case Origin.Trained trained when isOneHot(trained.config().streams().getFirst()) -> "one-hot";
      case Origin.Trained trained -> trained.streams().getFirst();
    };
  }

  private static boolean isOneHot(RunConfig.Stream stream) {
    return stream.encoder().equals(StreamSources.ONE_HOT);
  }

  /** Whether it has several inputs. */
  boolean isFused() {
    return origin instanceof Origin.Trained trained && trained.config().streams().size() > 1;
  }

  /** The split that it is measured by: test, or validation where there are no test rows. */
  Split measured() {
    return metrics.containsKey(Split.TEST) ? Split.TEST : Split.VALIDATION;
  }

  /** What is measured there. */
  Optional<MetricReport> report() {
    return Optional.ofNullable(metrics.get(measured()));
  }
}
