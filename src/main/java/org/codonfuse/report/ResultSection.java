package org.codonfuse.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.MetricReport;

/** The metrics of all runs side by side. */
final class ResultSection implements Section {
  /** The names of metrics for readers; others are shown as they are. */
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

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "Smaller numbers are 95 % intervals of the bootstrap over sequences. A run without test"
                + " sequences is measured on those of validation, which chose its epoch."));
    blocks.add(new Block.Table(table(data)));
    return Optional.of(new Chapter("results", "Results", blocks));
  }

  private static DataTable table(ReportData data) {
    Set<String> metrics = new LinkedHashSet<>();
    data.runs().forEach(run -> measured(run).ifPresent(r -> metrics.addAll(r.metrics().keySet())));
    List<String> columns = new ArrayList<>(List.of("Run", "Model", "Split", "n"));
    metrics.forEach(name -> columns.add(NAMES.getOrDefault(name, name)));
    List<List<Cell>> rows = new ArrayList<>();
    for (ReportRun run : data.runs()) {
      Split split = run.measured();
      Optional<MetricReport> report = measured(run);
      List<Cell> row = new ArrayList<>();
      row.add(Cell.text(run.name()));
      row.add(Cell.text(run.model()));
      row.add(Cell.text(split.label()));
      row.add(report.map(r -> Cell.count(r.n())).orElse(Cell.text(Cell.NOTHING)));
      for (String name : metrics) {
        row.add(
            report
                .map(r -> r.metrics().get(name))
                .map(Cell::metric)
                .orElse(Cell.text(Cell.NOTHING)));
      }
      rows.add(row);
    }
    return new DataTable("results-table", "Metrics of every run", columns, rows);
  }

  private static Optional<MetricReport> measured(ReportRun run) {
    return Optional.ofNullable(run.metrics().get(run.measured()));
  }
}
