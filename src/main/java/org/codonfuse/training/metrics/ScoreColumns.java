package org.codonfuse.training.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;

/**
 * Columns with one score per class, {@code probability_<class>} or {@code logit_<class>}; where a
 * table has both, the probabilities.
 *
 * @param columns in the table, one per class
 */
record ScoreColumns(boolean logits, List<String> classes, List<Integer> columns) {
  private static final Pattern PROBABILITY =
      Pattern.compile("prob(?:ability)?_(.+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern LOGIT = Pattern.compile("logits?_(.+)", Pattern.CASE_INSENSITIVE);

  static ScoreColumns in(PredictionTable table) {
    ScoreColumns probabilities = matching(table, PROBABILITY, false);
    ScoreColumns found = probabilities.isEmpty() ? matching(table, LOGIT, true) : probabilities;
    if (found.columns().size() == 1) {
      throw new CodonfuseException(
          "%s: the only score column is that of class '%s'; give one for every class."
              .formatted(table.path(), found.classes().getFirst()));
    }
    return found;
  }

  private static ScoreColumns matching(PredictionTable table, Pattern pattern, boolean logits) {
    List<String> classes = new ArrayList<>();
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < table.header().size(); i++) {
      Matcher matcher = pattern.matcher(table.header().get(i));
      if (matcher.matches()) {
        if (classes.contains(matcher.group(1))) {
          throw new CodonfuseException(
              "%s: two score columns of class '%s'; remove one."
                  .formatted(table.path(), matcher.group(1)));
        }
        classes.add(matcher.group(1));
        columns.add(i);
      }
    }
    return new ScoreColumns(logits, List.copyOf(classes), List.copyOf(columns));
  }

  boolean isEmpty() {
    return columns.isEmpty();
  }

  /** The scores, {@code [row][class]}. */
  double[][] read(PredictionTable table) {
    double[][] scores = new double[table.rows()][columns.size()];
    for (int row = 0; row < scores.length; row++) {
      for (int c = 0; c < scores[row].length; c++) {
        scores[row][c] = table.number(row, columns.get(c));
      }
    }
    return scores;
  }

  ClassificationSample sample(int[] target, double[][] scores) {
    return logits
        ? ClassificationSample.ofLogits(target, scores)
        : ClassificationSample.ofProbabilities(target, scores);
  }
}
