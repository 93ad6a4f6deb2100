package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.codonfuse.training.metrics.MetricReport;

/** Metrics as people read them. */
final class MetricsTable {
  private MetricsTable() {}

  /** A heading and one line per metric; where there are several targets, then those of each. */
  static List<String> lines(String rows, MetricReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%-18s %10s   %s",
            rows + " (n " + report.n() + ")",
            "value",
            "95 % interval"));
    report
        .metrics()
        .forEach(
            (name, metric) ->
                lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-18s %10s   %s",
                            name,
                            number(metric.value()),
                            interval(metric))
                        .stripTrailing()));
    report
        .targets()
        .forEach(
            (target, of) -> {
              lines.add("");
              lines.addAll(lines(rows + " " + target, of));
            });
    return lines;
  }

  /** The confidence interval of a metric, empty if it has none. */
  static String interval(MetricReport.Metric metric) {
    return metric
        .interval()
        .map(i -> "[" + number(i.low()) + ", " + number(i.high()) + "]")
        .orElse("");
  }

  /** Four decimals, or scientific notation where they would say nothing. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "undefined";
    }
    boolean plain = value == 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5);
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", value);
  }
}
