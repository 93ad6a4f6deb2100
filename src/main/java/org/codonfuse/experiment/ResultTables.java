package org.codonfuse.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.training.metrics.Interval;

/** Results as tables for people: in the shape of the paper's, and of every data set by itself. */
public final class ResultTables {
  private static final String NOTHING = "–";

  private final Results results;

  /**
   * @param results what is shown
   */
  public ResultTables(Results results) {
    this.results = results;
  }

  /** Writes all tables as Markdown. */
  public void write(Path file) {
    List<String> lines = new ArrayList<>();
    lines.add("# " + results.plan().name());
    lines.add("");
    lines.addAll(overview().markdown());
    lines.add("");
    lines.add(legend());
    for (DataPlan data : results.plan().data()) {
      lines.add("");
      lines.add("## " + data.name());
      lines.add("");
      lines.addAll(details(data, true).markdown());
      Optional<Grid> comparisons = comparisons(data);
      if (comparisons.isPresent()) {
        lines.add("");
        lines.add("### Does fusion help?");
        lines.add("");
        lines.addAll(comparisons.get().markdown());
        lines.add("");
        lines.add(
            "Against the model of one encoder that is best on validation: paired bootstrap over the"
                + " test rows of the predictions averaged over the seeds, p two-sided, and p with"
                + " Holm's correction for the fusions of the data set. A fusion helps or hurts"
                + " where that is below 0.05; otherwise it is unclear: these data do not show a"
                + " difference.");
      }
    }
    AtomicFiles.writeString(file, String.join("\n", lines) + "\n");
  }

  /** The same for a terminal. */
  public List<String> text() {
    List<String> lines = new ArrayList<>();
    if (results.plan().data().size() > 1) {
      lines.addAll(overview().text());
      lines.add("");
    }
    for (DataPlan data : results.plan().data()) {
      lines.add(data.name() + " (" + metric(data) + ", test)");
      lines.addAll(details(data, false).text());
      comparisons(data)
          .ifPresent(
              grid -> {
                lines.add("");
                lines.add("Does fusion help?");
                lines.addAll(grid.text());
              });
      lines.add("");
    }
    lines.removeLast();
    return lines;
  }

  private String legend() {
    String repetitions =
        results.plan().folds() > 0
            ? results.plan().folds() + " folds"
            : results.plan().seeds().size() + " seeds";
    return "Test split, mean ± standard deviation over "
        + repetitions
        + ", the best in bold: "
        + results.plan().data().stream()
            .map(data -> data.name() + " " + metric(data))
            .collect(Collectors.joining(", "))
        + "."
        + (results.plan().data().stream().anyMatch(this::hasPublished)
            ? " Published: one number each, from BioLangFusion (arXiv 2506.08936) and, of codons"
                + " alone, from others; with the paper's encoders, which need not be those here."
            : "");
  }

  /** Models by data sets, the paper's Table 1. */
  private Grid overview() {
    List<String> header = new ArrayList<>(List.of("Encoding"));
    for (DataPlan data : results.plan().data()) {
      header.add(data.name());
      if (hasPublished(data)) {
        header.add("published");
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (RowPlan row : results.plan().rows()) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      for (DataPlan data : results.plan().data()) {
        cells.add(score(result(data, row)));
        if (hasPublished(data)) {
          cells.add(published(data, row));
        }
      }
      rows.add(cells);
    }
    return new Grid(header, rows);
  }

  /** Columns of times would not fit into a terminal. */
  private Grid details(DataPlan data, boolean timed) {
    boolean weighs = results.of(data).stream().anyMatch(row -> !lambdas(row).isEmpty());
    List<String> header = new ArrayList<>(List.of("Encoding", metric(data), "95 % interval"));
    header.add("validation");
    if (weighs) {
      header.add("λ");
    }
    header.add("runs");
    if (timed) {
      header.add("s/run");
    }
    if (hasPublished(data)) {
      header.add("published");
    }
    List<List<String>> rows = new ArrayList<>();
    for (RowResult result : results.of(data)) {
      List<String> cells = new ArrayList<>(List.of(result.row().name(), score(result)));
      cells.add(result.interval().map(ResultTables::interval).orElse(NOTHING));
      cells.add(number(result.validation()));
      if (weighs) {
        cells.add(lambdas(result));
      }
      cells.add(
          result.isComplete()
              ? Integer.toString(result.planned())
              : result.runs().size() + " of " + result.planned());
      if (timed) {
        cells.add(
            Double.isNaN(result.seconds())
                ? NOTHING
                : String.format(Locale.ROOT, "%.1f", result.seconds()));
      }
      if (hasPublished(data)) {
        cells.add(published(data, result.row()));
      }
      rows.add(cells);
    }
    return new Grid(header, rows);
  }

  private Optional<Grid> comparisons(DataPlan data) {
    List<List<String>> rows = new ArrayList<>();
    for (Results.Comparison comparison : results.comparisons()) {
      if (comparison.fused().data().equals(data)) {
        rows.add(
            List.of(
                comparison.fused().row().name(),
                comparison.alone().row().name(),
                String.format(Locale.ROOT, "%+.3f", comparison.difference().value()),
                comparison.difference().interval().map(ResultTables::interval).orElse(NOTHING),
                p(comparison.difference().p()),
                p(comparison.p()),
                comparison.verdict()));
      }
    }
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Grid(
                List.of(
                    "Fusion", "against", "difference", "95 % interval", "p", "Holm p", "fusion"),
                rows));
  }

  private RowResult result(DataPlan data, RowPlan row) {
    return results.of(data).stream()
        .filter(result -> result.row().equals(row))
        .findFirst()
        .orElseThrow();
  }

  private String score(RowResult result) {
    if (result.runs().isEmpty()) {
      return NOTHING;
    }
    String text =
        number(result.mean())
            + (Double.isNaN(result.deviation()) ? "" : " ± " + number(result.deviation()));
    double best =
        results.of(result.data()).stream()
            .filter(RowResult::isComplete)
            .mapToDouble(RowResult::mean)
            .filter(mean -> !Double.isNaN(mean))
            .max()
            .orElse(Double.NaN);
    return result.isComplete() && result.mean() == best ? "**" + text + "**" : text;
  }

  private String metric(DataPlan data) {
    return results.of(data).stream()
        .flatMap(row -> row.runs().stream())
        .map(CellResult::headline)
        .findFirst()
        .orElse("score");
  }

  private boolean hasPublished(DataPlan data) {
    return results.plan().rows().stream()
        .anyMatch(row -> Published.of(row.published(), data.published()).isPresent());
  }

  private static String published(DataPlan data, RowPlan row) {
    OptionalDouble value = Published.of(row.published(), data.published());
    return value.isPresent() ? number(value.getAsDouble()) : NOTHING;
  }

  /** What was chosen for every repetition. */
  private static String lambdas(RowResult result) {
    return result.runs().stream()
        .filter(run -> run.cell().lambda().isPresent())
        .map(run -> Cell.number(run.cell().lambda().getAsDouble()))
        .collect(Collectors.joining(", "));
  }

  private static String interval(Interval interval) {
    return "[" + number(interval.low()) + ", " + number(interval.high()) + "]";
  }

  private static String number(double value) {
    return Double.isNaN(value) ? NOTHING : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String p(double value) {
    return Double.isNaN(value)
        ? NOTHING
        : value < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", value);
  }
}
