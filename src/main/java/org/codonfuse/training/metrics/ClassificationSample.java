package org.codonfuse.training.metrics;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Target and predicted classes whose metrics are taken over any sample of the rows. */
final class ClassificationSample {
  private final int[] target;
  private final int[] predicted;
  private final int classes;

  /** One per class, or none if only labels are known. */
  private final Ranks[] scores;

  private ClassificationSample(int[] target, int[] predicted, int classes, Ranks[] scores) {
    this.target = target.clone();
    this.predicted = predicted.clone();
    this.classes = classes;
    this.scores = scores;
  }

  static ClassificationSample ofLogits(int[] target, double[][] logits) {
    int classes = classes(target, logits);
    return of(target, argmax(logits), classes, probabilities(logits));
  }

  static ClassificationSample ofProbabilities(int[] target, double[][] probabilities) {
    int classes = classes(target, probabilities);
    return of(target, argmax(probabilities), classes, probabilities);
  }

  static ClassificationSample ofLabels(int[] target, int[] predicted, int classes) {
    Checks.sameRows(target.length, predicted.length);
    return of(target, predicted, classes, new double[0][]);
  }

  /** The same with other predicted classes: where these are given beside the scores. */
  ClassificationSample withPredicted(int[] labels) {
    Checks.sameRows(target.length, labels.length);
    checkLabels(labels, classes);
    return new ClassificationSample(target, labels, classes, scores);
  }

  private static ClassificationSample of(
      int[] target, int[] predicted, int classes, double[][] scores) {
    checkLabels(target, classes);
    checkLabels(predicted, classes);
    Ranks[] ranks = new Ranks[scores.length == 0 ? 0 : classes];
    for (int c = 0; c < ranks.length; c++) {
      int column = c;
      ranks[c] = new Ranks(Arrays.stream(scores).mapToDouble(row -> row[column]).toArray());
    }
    return new ClassificationSample(target, predicted, classes, ranks);
  }

  private static void checkLabels(int[] labels, int classes) {
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException("Class " + label + " of " + classes);
      }
    }
  }

  private static int classes(int[] target, double[][] scores) {
    Checks.sameRows(target.length, scores.length);
    int classes = scores[0].length;
    for (int row = 0; row < scores.length; row++) {
      if (scores[row].length != classes) {
        throw new IllegalArgumentException(
            "Row %d has %d scores, not %d".formatted(row, scores[row].length, classes));
      }
      for (double score : scores[row]) {
        Checks.finite("prediction", row, score);
      }
    }
    return classes;
  }

  private static int[] argmax(double[][] scores) {
    return Arrays.stream(scores)
        .mapToInt(
            row -> IntStream.range(1, row.length).reduce(0, (a, b) -> row[b] > row[a] ? b : a))
        .toArray();
  }

  private static double[][] probabilities(double[][] logits) {
    return Arrays.stream(logits).map(ClassificationMetrics::softmax).toArray(double[][]::new);
  }

  int rows() {
    return target.length;
  }

  ClassificationMetrics metrics() {
    double[] all = resampled(Checks.allRows(target.length));
    return new ClassificationMetrics(
        all[0],
        all[1],
        all[2],
        all[3],
        all.length > 4 ? OptionalDouble.of(all[4]) : OptionalDouble.empty());
  }

  /** Accuracy, balanced accuracy, macro F1, MCC and, with scores, the AUROC of some rows. */
  double[] resampled(int[] rows) {
    long[] targets = new long[classes];
    long[] predictions = new long[classes];
    long[] hits = new long[classes];
    for (int row : rows) {
      targets[target[row]]++;
      predictions[predicted[row]]++;
      if (target[row] == predicted[row]) {
        hits[target[row]]++;
      }
    }
    double recall = 0;
    double f1 = 0;
    int inTargets = 0;
    int inEither = 0;
    for (int c = 0; c < classes; c++) {
      if (targets[c] > 0) {
        recall += (double) hits[c] / targets[c];
        inTargets++;
      }
      if (targets[c] + predictions[c] > 0) {
        f1 += 2.0 * hits[c] / (targets[c] + predictions[c]);
        inEither++;
      }
    }
    double[] label = {
      (double) Arrays.stream(hits).sum() / rows.length,
      recall / inTargets,
      f1 / inEither,
      mcc(targets, predictions, hits)
    };
    if (scores.length == 0) {
      return label;
    }
    double[] all = Arrays.copyOf(label, label.length + 1);
    all[label.length] = auroc(rows, targets);
    return all;
  }

  private static double mcc(long[] targets, long[] predictions, long[] hits) {
    double n = Arrays.stream(targets).sum();
    double correct = Arrays.stream(hits).sum();
    double together = 0;
    double targetSquares = 0;
    double predictionSquares = 0;
    for (int c = 0; c < targets.length; c++) {
      together += (double) targets[c] * predictions[c];
      targetSquares += (double) targets[c] * targets[c];
      predictionSquares += (double) predictions[c] * predictions[c];
    }
    double norm = (n * n - targetSquares) * (n * n - predictionSquares);
    return norm == 0 ? 0 : (correct * n - together) / Math.sqrt(norm);
  }

  /** The Mann–Whitney U of each class, over its number of pairs. */
  private double auroc(int[] rows, long[] targets) {
    double sum = 0;
    int defined = 0;
    for (int c = 0; c < classes; c++) {
      double positives = targets[c];
      double negatives = rows.length - positives;
      if (positives > 0 && negatives > 0) {
        double[] ranks = scores[c].of(rows);
        double positiveRanks = 0;
        for (int i = 0; i < rows.length; i++) {
          if (target[rows[i]] == c) {
            positiveRanks += ranks[i];
          }
        }
        sum += (positiveRanks - positives * (positives + 1) / 2) / (positives * negatives);
        defined++;
      }
    }
    return defined == 0 ? Double.NaN : sum / defined;
  }
}
