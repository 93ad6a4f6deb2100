package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.training.metrics.PairedBootstrap;
import org.codonfuse.training.metrics.PairedBootstrap.Difference;

/**
 * What an experiment has shown.
 *
 * @param plan what it compares
 * @param cells all cells that are done
 * @param rows all models on all data sets, done or not
 * @param comparisons of fusions with the best model without fusion, where both are complete
 */
public record Results(
    ExperimentPlan plan,
    List<CellResult> cells,
    List<RowResult> rows,
    List<Comparison> comparisons) {
  /**
   * Whether a fusion helps.
   *
   * @param fused the fusion
   * @param alone the model of one encoder that is best on validation
   * @param difference fusion minus alone, of the test rows' predictions averaged over seeds
   * @param p of the difference, adjusted for the number of fusions on the data set (Holm)
   */
  public record Comparison(RowResult fused, RowResult alone, Difference difference, double p) {
    private static final double LEVEL = 0.05;

    /** In words. */
    public String verdict() {
      if (!(p < LEVEL)) {
        return "unclear";
      }
      return difference.value() > 0 ? "helps" : "hurts";
    }
  }

  /** Reads what is done. */
  public static Results read(ExperimentPlan plan, ExperimentDirectory directory) {
    Map<String, Double> seconds = Journal.seconds(directory.journals());
    List<Cell> planned = Cell.of(plan);
    List<CellResult> done =
        planned.stream()
            .filter(directory::isDone)
            .map(
                cell ->
                    CellResult.read(
                        cell, directory.run(cell), seconds.getOrDefault(cell.id(), Double.NaN)))
            .toList();
    List<RowResult> rows = new ArrayList<>();
    for (DataPlan data : plan.data()) {
      for (RowPlan row : plan.rows()) {
        List<Cell> cells =
            planned.stream().filter(c -> c.data().equals(data) && c.row().equals(row)).toList();
        rows.add(RowResult.of(data, row, cells, done));
      }
    }
    List<Comparison> comparisons =
        plan.data().stream().flatMap(data -> compare(of(rows, data)).stream()).toList();
    return new Results(plan, done, rows, comparisons);
  }

  private static List<RowResult> of(List<RowResult> rows, DataPlan data) {
    return rows.stream().filter(row -> row.data().equals(data)).toList();
  }

  /** The results of one data set, in the order of the plan. */
  public List<RowResult> of(DataPlan data) {
    return of(rows, data);
  }

  /** Whether a cell is the one that its model's result is made of. */
  public boolean isSelected(CellResult cell) {
    return rows.stream().anyMatch(row -> row.runs().contains(cell));
  }

  private static List<Comparison> compare(List<RowResult> rows) {
    List<RowResult> fused =
        rows.stream().filter(row -> row.row().fuses() && row.isComplete()).toList();
    List<RowResult> alone = rows.stream().filter(row -> row.row().isUnimodal()).toList();
    // Of several that are not all done the best is not known yet.
    Optional<RowResult> best =
        alone.stream().allMatch(RowResult::isComplete)
            ? alone.stream()
                .filter(row -> !Double.isNaN(row.validation()))
                .max(Comparator.comparingDouble(RowResult::validation))
            : Optional.empty();
    if (best.isEmpty() || fused.isEmpty()) {
      return List.of();
    }
    TestPredictions reference = best.get().pooled();
    List<Difference> differences = new ArrayList<>();
    for (RowResult row : fused) {
      TestPredictions predictions = row.pooled();
      reference.requireSameRows(predictions);
      differences.add(
          PairedBootstrap.compare(
              predictions.figure(), reference.figure(), PairedBootstrap.RESAMPLES, 1));
    }
    double[] adjusted =
        PairedBootstrap.holm(differences.stream().mapToDouble(Difference::p).toArray());
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < adjusted.length; i++) {
      comparisons.add(new Comparison(fused.get(i), best.get(), differences.get(i), adjusted[i]));
    }
    return comparisons;
  }
}
