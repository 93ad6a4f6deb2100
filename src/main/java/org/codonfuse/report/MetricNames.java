package org.codonfuse.report;

import java.util.Map;

/** The names of metrics for readers. */
final class MetricNames {
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("spearman", "Spearman’s ρ"),
          Map.entry("pearson", "Pearson’s r"),
          Map.entry("kendall", "Kendall’s τ"),
          Map.entry("mse", "MSE"),
          Map.entry("mae", "MAE"),
          Map.entry("r2", "R²"),
          Map.entry("accuracy", "Accuracy"),
          Map.entry("balanced_accuracy", "Balanced accuracy"),
          Map.entry("macro_f1", "Macro F1"),
          Map.entry("mcc", "MCC"),
          Map.entry("auroc_ovr_macro", "AUROC"));

  private MetricNames() {}

  /** The name for readers, or that in files where there is no other. */
  static String of(String metric) {
    return NAMES.getOrDefault(metric, metric);
  }
}
