package org.codonfuse.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.explain.Explanation;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.Epoch;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.RunConfig;

/**
 * A run as reports know it.
 *
 * @param name what it is called in the report, unlike every other there
 * @param directory where it lies
 * @param config its configuration
 * @param outputs what it predicts
 * @param history its epochs
 * @param metrics by split; empty for a split that it does not have
 * @param explanation what {@code codonfuse explain} found out about it
 */
public record ReportRun(
    String name,
    Path directory,
    RunConfig config,
    Outputs outputs,
    List<Epoch> history,
    Map<Split, MetricReport> metrics,
    Optional<Explanation> explanation) {

  /** Its inputs and how they are fused, such as {@code concat (dna, rna, protein)}. */
  String model() {
    List<String> streams = config.streams().stream().map(RunConfig.Stream::name).toList();
    return isFused()
        ? config.fusion().name() + " (" + String.join(", ", streams) + ")"
        : streams.getFirst();
  }

  /** Whether it has several inputs. */
  boolean isFused() {
    return config.streams().size() > 1;
  }

  /** The split that it is measured by: test, or validation where there are no test rows. */
  Split measured() {
    return metrics.containsKey(Split.TEST) ? Split.TEST : Split.VALIDATION;
  }
}
