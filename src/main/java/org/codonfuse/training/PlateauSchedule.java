package org.codonfuse.training;

/**
 * Lowers the learning rate when the validation loss stops falling: {@code
 * torch.optim.lr_scheduler.ReduceLROnPlateau} with its defaults (relative threshold 1e-4).
 */
final class PlateauSchedule {
  private static final double THRESHOLD = 1e-4;
  private static final double SMALLEST_CHANGE = 1e-8;

  private final int patience;
  private final double factor;
  private double rate;
  private double best = Double.POSITIVE_INFINITY;
  private int badEpochs;

  PlateauSchedule(double rate, int patience, double factor) {
    this.rate = rate;
    this.patience = patience;
    this.factor = factor;
  }

  double rate() {
    return rate;
  }

  void epochEnded(double loss) {
    if (loss < best * (1 - THRESHOLD)) {
      best = loss;
      badEpochs = 0;
    } else if (++badEpochs > patience) {
      double lower = rate * factor;
      if (rate - lower > SMALLEST_CHANGE) {
        rate = lower;
      }
      badEpochs = 0;
    }
  }
}
