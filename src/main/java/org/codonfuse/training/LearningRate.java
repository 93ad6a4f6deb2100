package org.codonfuse.training;

/** The learning rate of every step, by {@link ScheduleSettings}. */
final class LearningRate {
  private final TrainingSettings settings;
  private final PlateauSchedule plateau;

  LearningRate(TrainingSettings settings) {
    this.settings = settings;
    this.plateau =
        new PlateauSchedule(
            settings.learningRate(),
            settings.schedule().plateauPatience(),
            settings.schedule().plateauFactor());
  }

  /** What of the past decides it. */
  PlateauSchedule plateau() {
    return plateau;
  }

  /**
   * The rate of one step.
   *
   * @param epoch from 1
   * @param step of the epoch, from 0
   * @param steps of the epoch
   */
  double at(int epoch, int step, int steps) {
    int warmup = settings.schedule().warmupEpochs();
    double done = epoch - 1 + (double) step / steps;
    double rate =
        switch (settings.schedule().kind()) {
          case PLATEAU -> plateau.rate();
          case COSINE -> {
            double share = Math.max(0, done - warmup) / Math.max(1, settings.epochs() - warmup);
            yield settings.learningRate() * (1 + Math.cos(Math.PI * Math.min(1, share))) / 2;
          }
          case CONSTANT -> settings.learningRate();
        };
    return done < warmup ? rate * (done + 1.0 / steps) / warmup : rate;
  }

  void epochEnded(double validationLoss) {
    plateau.epochEnded(validationLoss);
  }
}
