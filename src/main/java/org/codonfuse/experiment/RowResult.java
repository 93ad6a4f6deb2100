package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.training.metrics.Bootstrap;
import org.codonfuse.training.metrics.Figure;
import org.codonfuse.training.metrics.Interval;
import org.hipparchus.stat.descriptive.moment.Mean;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;

/**
 * A model on a data set: its repetitions with other seeds or on other folds.
 *
 * @param data the data set
 * @param row the model
 * @param planned number of repetitions that there should be
 * @param runs those that there are, of each the λ that validation chose
 * @param interval 95 % interval of the {@link #mean} over the choice of test rows; of folds, of the
 *     metric of all their rows together
 */
public record RowResult(
    DataPlan data, RowPlan row, int planned, List<CellResult> runs, Optional<Interval> interval) {
  public RowResult {
    runs = List.copyOf(runs);
  }

  /**
   * What there is of a model.
   *
   * @param cells all cells of it
   * @param done results of those that are done
   */
  static RowResult of(DataPlan data, RowPlan row, List<Cell> cells, List<CellResult> done) {
    Map<String, List<Cell>> repetitions = new LinkedHashMap<>();
    cells.forEach(
        cell -> repetitions.computeIfAbsent(cell.repetition(), _ -> new ArrayList<>()).add(cell));
    List<CellResult> chosen = new ArrayList<>();
    repetitions.forEach(
        (_, candidates) -> {
          List<CellResult> results =
              done.stream().filter(result -> candidates.contains(result.cell())).toList();
          // Of an incomplete grid the best is not known yet.
          if (results.size() == candidates.size()) {
            chosen.add(best(results));
          }
        });
    RowResult without = new RowResult(data, row, repetitions.size(), chosen, Optional.empty());
    return new RowResult(data, row, repetitions.size(), chosen, without.bootstrapped());
  }

  /** The one with the best validation metric, of equal ones the first. */
  private static CellResult best(List<CellResult> candidates) {
    CellResult best = candidates.getFirst();
    for (CellResult candidate : candidates) {
      if (candidate.validationScore() > best.validationScore()
          || Double.isNaN(best.validationScore())) {
        best = candidate;
      }
    }
    return best;
  }

  /** Whether all repetitions are done. */
  public boolean isComplete() {
    return runs.size() == planned;
  }

  /** The metric of the test split, mean over the repetitions; NaN without any. */
  public double mean() {
    return new Mean().evaluate(runs.stream().mapToDouble(CellResult::testScore).toArray());
  }

  /** Its standard deviation (n − 1); NaN of a single one. */
  public double deviation() {
    return runs.size() < 2
        ? Double.NaN
        : new StandardDeviation()
            .evaluate(runs.stream().mapToDouble(CellResult::testScore).toArray());
  }

  /** The metric of the validation split, mean over the repetitions. */
  public double validation() {
    return new Mean().evaluate(runs.stream().mapToDouble(CellResult::validationScore).toArray());
  }

  /** Mean time of a repetition, without the others of a grid. */
  public double seconds() {
    return new Mean().evaluate(runs.stream().mapToDouble(CellResult::seconds).toArray());
  }

  private boolean isCrossValidation() {
    return runs.stream().anyMatch(run -> run.cell().fold().isPresent());
  }

  private List<TestPredictions> predictions() {
    return runs.stream().map(run -> TestPredictions.read(run.run())).toList();
  }

  /** The mean of the predictions over seeds, or those of all folds. */
  TestPredictions pooled() {
    return isCrossValidation()
        ? TestPredictions.joined(predictions())
        : TestPredictions.mean(predictions());
  }

  private Optional<Interval> bootstrapped() {
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    List<Figure> figures =
        isCrossValidation()
            ? List.of(pooled().figure())
            : predictions().stream().map(TestPredictions::figure).toList();
    Figure mean = Figure.mean(figures);
    return Bootstrap.intervals(
            mean.rows(), Bootstrap.RESAMPLES, 1, sample -> new double[] {mean.of(sample)})
        .getFirst();
  }
}
