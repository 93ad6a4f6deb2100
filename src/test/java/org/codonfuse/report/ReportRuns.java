package org.codonfuse.report;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.RunPredictions;
import org.codonfuse.training.run.TargetConfig;

/** Runs with predictions of any kind. */
final class ReportRuns {
  private ReportRuns() {}

  /** Predictions of a number, in files that are nowhere. */
  static ReportRun of(String name, List<Split> splits, double[] measured, double[] predicted) {
    List<String> ids = IntStream.range(0, splits.size()).mapToObj(i -> name + i).toList();
    Map<Split, MetricReport> metrics = new EnumMap<>(Split.class);
    for (Split split : Split.values()) {
      int[] rows =
          IntStream.range(0, splits.size())
              .filter(row -> splits.get(row) == split && Double.isFinite(predicted[row]))
              .toArray();
      if (rows.length > 0) {
        metrics.put(
            split,
            MetricReport.regression(
                IntStream.of(rows).mapToDouble(row -> measured[row]).toArray(),
                IntStream.of(rows).mapToDouble(row -> predicted[row]).toArray(),
                1));
      }
    }
    return new ReportRun(
        name,
        Path.of("nowhere"),
        new Origin.Ridge(
            new RidgeConfig(
                "kmer",
                "1",
                Task.REGRESSION,
                List.of(),
                name,
                "00",
                List.of(new TargetConfig(name, TargetScale.IDENTITY)),
                1,
                List.of("f"))),
        List.of(),
        metrics,
        new RunPredictions(ids, splits, List.of(measured), List.of(predicted)),
        Optional.empty());
  }
}
