package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.codonfuse.embedding.store.StoreManifest.Shard;

/**
 * One training: a model on a data set with a seed.
 *
 * @param data the data set
 * @param row the model
 * @param seed of all that is random in it
 * @param fold of the cross-validation, if this is one
 * @param lambda weight of the entropy, for models that have one
 */
public record Cell(DataPlan data, RowPlan row, long seed, OptionalInt fold, OptionalDouble lambda) {
  /** All cells of a plan, those of one data set together. */
  public static List<Cell> of(ExperimentPlan plan) {
    List<Cell> cells = new ArrayList<>();
    for (DataPlan data : plan.data()) {
      for (RowPlan row : plan.rows()) {
        if (plan.folds() > 0) {
          for (int fold = 0; fold < plan.folds(); fold++) {
            add(cells, data, row, plan.seeds().getFirst(), OptionalInt.of(fold));
          }
        } else {
          List<Long> seeds = row.isRandom() ? plan.seeds() : List.of(plan.seeds().getFirst());
          seeds.forEach(seed -> add(cells, data, row, seed, OptionalInt.empty()));
        }
      }
    }
    return cells;
  }

  private static void add(
      List<Cell> cells, DataPlan data, RowPlan row, long seed, OptionalInt fold) {
    if (row instanceof RowPlan.Trained trained && !trained.lambdas().isEmpty()) {
      trained
          .lambdas()
          .forEach(lambda -> cells.add(new Cell(data, row, seed, fold, OptionalDouble.of(lambda))));
    } else {
      cells.add(new Cell(data, row, seed, fold, OptionalDouble.empty()));
    }
  }

  /** Every N-th cell, so that shares have as many of every model as can be. */
  public static List<Cell> share(List<Cell> cells, Shard shard) {
    List<Cell> share = new ArrayList<>();
    for (int i = shard.index() - 1; i < cells.size(); i += shard.count()) {
      share.add(cells.get(i));
    }
    return share;
  }

  /** Its path below the runs of an experiment, such as {@code cov-vac/mil/seed-1/lambda-0.5}. */
  public String id() {
    return slug(data.name())
        + "/"
        + slug(row.name())
        + "/"
        + repetition()
        + (lambda.isPresent() ? "/lambda-" + number(lambda.getAsDouble()) : "");
  }

  /** Such as {@code seed-1} or {@code fold-0}. */
  public String repetition() {
    return fold.isPresent() ? "fold-" + fold.getAsInt() : "seed-" + seed;
  }

  /** Without a needless {@code .0}. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** A name as a part of a path. */
  static String slug(String name) {
    String slug =
        name.toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}.+]+", "-")
            .replaceAll("^[-.]+|-+$", "");
    return slug.isEmpty() ? "x" : slug;
  }
}
