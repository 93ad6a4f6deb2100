package org.codonfuse.experiment;

import java.util.List;

/**
 * What an experiment compares.
 *
 * @param name its title
 * @param data the columns of its table
 * @param rows the rows of its table
 * @param seeds every model is trained once for each
 * @param folds number of folds of a cross-validation in the place of seeds; 0 if there is none
 * @param keepModels whether runs keep their parameters
 */
public record ExperimentPlan(
    String name,
    List<DataPlan> data,
    List<RowPlan> rows,
    List<Long> seeds,
    int folds,
    boolean keepModels) {
  public ExperimentPlan {
    data = List.copyOf(data);
    rows = List.copyOf(rows);
    seeds = List.copyOf(seeds);
  }

  /** The same on other data. */
  ExperimentPlan on(List<DataPlan> other) {
    return new ExperimentPlan(name, other, rows, seeds, folds, keepModels);
  }
}
