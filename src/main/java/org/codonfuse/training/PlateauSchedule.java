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
  private State state;

  /**
   * Where it stands.
   *
   * @param rate the learning rate
   * @param best the lowest validation loss, null before there is one
   * @param badEpochs epochs since it has fallen
   */
  record State(double rate, Double best, int badEpochs) {}

  PlateauSchedule(double rate, int patience, double factor) {
    this.patience = patience;
    this.factor = factor;
    this.state = new State(rate, null, 0);
  }

  double rate() {
    return state.rate;
  }

  State state() {
    return state;
  }

  void restore(State earlier) {
    state = earlier;
  }

  void epochEnded(double loss) {
    int badEpochs = state.badEpochs + 1;
    if (state.best == null || loss < state.best * (1 - THRESHOLD)) {
      state = new State(state.rate, loss, 0);
    } else if (badEpochs > patience) {
      double lower = state.rate * factor;
      boolean changes = state.rate - lower > SMALLEST_CHANGE;
      state = new State(changes ? lower : state.rate, state.best, 0);
    } else {
      state = new State(state.rate, state.best, badEpochs);
    }
  }
}
