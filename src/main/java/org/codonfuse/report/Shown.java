package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.sequence.Split;

/**
 * The runs that charts of single runs are drawn of: all, or where they are many the best by the
 * validation metric, in turn of each thing that is predicted.
 *
 * @param runs in their order
 * @param note says what is left out
 */
record Shown(List<ReportRun> runs, Optional<String> note) {
  /** More would make the page heavy, and nobody would look at them. */
  private static final int MOST = 6;

  static Shown of(ReportData data) {
    List<ReportRun> all = data.runs();
    if (all.size() <= MOST) {
      return new Shown(all, Optional.empty());
    }
    Map<String, List<ReportRun>> alike = data.by(run -> run.origin().sha256() + run.targets());
    alike.values().forEach(runs -> runs.sort(Comparator.comparingDouble(Shown::score).reversed()));
    List<ReportRun> chosen = new ArrayList<>();
    for (int rank = 0; chosen.size() < MOST; rank++) {
      for (List<ReportRun> runs : alike.values()) {
        if (rank < runs.size() && chosen.size() < MOST) {
          chosen.add(runs.get(rank));
        }
      }
    }
    return new Shown(
        all.stream().filter(chosen::contains).toList(),
        Optional.of(
            "Of the %d runs, the %d best on validation are shown; a report on others alone shows these."
                .formatted(all.size(), MOST)));
  }

  private static double score(ReportRun run) {
    return Optional.ofNullable(run.metrics().get(Split.VALIDATION))
        .map(report -> report.metrics().get(run.outputs().headline()))
        .map(metric -> Double.isNaN(metric.value()) ? -2 : metric.value())
        .orElse(-2.0);
  }
}
