package org.codonfuse.training.metrics;

/** Targets and predictions whose metrics are taken over any sample of the rows. */
final class RegressionSample {
  private final double[] target;
  private final double[] prediction;
  private final Ranks targetRanks;
  private final Ranks predictionRanks;

  RegressionSample(double[] target, double[] prediction) {
    Checks.sameRows(target.length, prediction.length);
    this.target = normalised("target", target);
    this.prediction = normalised("prediction", prediction);
    this.targetRanks = new Ranks(this.target);
    this.predictionRanks = new Ranks(this.prediction);
  }

  /** A checked copy in which 0.0 and -0.0 are ties to code that compares boxed numbers. */
  private static double[] normalised(String what, double[] values) {
    double[] normal = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      Checks.finite(what, i, values[i]);
      normal[i] = values[i] + 0.0;
    }
    return normal;
  }

  RegressionMetrics metrics() {
    double[] all = resampled(Checks.allRows(target.length));
    return new RegressionMetrics(
        all[0], all[1], RegressionMetrics.kendall(target, prediction), all[2], all[3], all[4]);
  }

  /** Spearman, Pearson, MSE, MAE and R² of some rows. */
  double[] resampled(int[] rows) {
    double[] x = take(target, rows);
    double[] y = take(prediction, rows);
    double squared = 0;
    double absolute = 0;
    for (int i = 0; i < rows.length; i++) {
      double error = x[i] - y[i];
      squared += error * error;
      absolute += Math.abs(error);
    }
    double n = rows.length;
    return new double[] {
      spearman(rows),
      correlation(x, y),
      squared / n,
      absolute / n,
      isConstant(x) ? Double.NaN : 1 - squared / deviation(x)
    };
  }

  double spearman(int[] rows) {
    return correlation(targetRanks.of(rows), predictionRanks.of(rows));
  }

  private static double[] take(double[] values, int[] rows) {
    double[] taken = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      taken[i] = values[rows[i]];
    }
    return taken;
  }

  /**
   * Pearson's r from centred values. Hipparchus goes through the square root of R², which costs
   * half of the digits of an r near zero.
   */
  private static double correlation(double[] x, double[] y) {
    if (isConstant(x) || isConstant(y)) {
      return Double.NaN;
    }
    double xMean = mean(x);
    double yMean = mean(y);
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - xMean;
      double dy = y[i] - yMean;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    // Exactly 1 for equal x and y.
    return Math.clamp(xy / xx * Math.sqrt(xx / yy), -1, 1);
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static boolean isConstant(double[] values) {
    for (double value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }
}
