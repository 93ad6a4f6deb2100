package org.codonfuse.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a training stands, its tensors aside. */
final class TrainingState {
  private final TrainingSettings settings;
  private final int firstStage;
  private final LearningRate rate;
  private final List<Epoch> history = new ArrayList<>();
  private Map<String, float[]> bestValues;
  private Epoch best;
  private int step;
  private double lossSum;

  /**
   * The same as plain values.
   *
   * @param history the epochs that ended
   * @param best number of the best of them, 0 if there is none
   * @param step steps taken in the epoch that follows
   * @param lossSum of the examples in them
   * @param plateau where the learning rate stands
   */
  record Snapshot(
      List<Epoch> history, int best, int step, double lossSum, PlateauSchedule.State plateau) {}

  /**
   * @param firstStage see {@link Learner#firstStage}
   */
  TrainingState(TrainingSettings settings, int firstStage) {
    this.settings = settings;
    this.firstStage = firstStage;
    this.rate = new LearningRate(settings);
  }

  Snapshot snapshot() {
    return new Snapshot(
        List.copyOf(history),
        best == null ? 0 : best.number(),
        step,
        lossSum,
        rate.plateau().state());
  }

  void restore(Snapshot earlier, Optional<Map<String, float[]>> values) {
    history.addAll(earlier.history);
    best = earlier.best == 0 ? null : history.get(earlier.best - 1);
    bestValues = values.orElse(null);
    step = earlier.step;
    lossSum = earlier.lossSum;
    rate.plateau().restore(earlier.plateau);
  }

  /** The epoch under way, from 1. */
  int epoch() {
    return history.size() + 1;
  }

  /** Steps taken in it. */
  int step() {
    return step;
  }

  LearningRate rate() {
    return rate;
  }

  List<Epoch> history() {
    return history;
  }

  Epoch best() {
    return best;
  }

  Optional<Map<String, float[]>> bestValues() {
    return Optional.ofNullable(bestValues);
  }

  boolean ended() {
    return history.size() == settings.epochs()
        || (best != null
            && history.size() - Math.max(firstStage, best.number()) >= settings.patience());
  }

  void stepTaken(double loss, int examples) {
    step++;
    lossSum += loss * examples;
  }

  double trainingLoss(int examples) {
    return lossSum / examples;
  }

  boolean improves(double validationLoss) {
    return best == null || validationLoss < best.validationLoss();
  }

  /**
   * @param values the parameters if it is the best epoch
   */
  void epochEnded(Epoch epoch, Optional<Map<String, float[]>> values) {
    history.add(epoch);
    values.ifPresent(
        of -> {
          best = epoch;
          bestValues = of;
        });
    rate.epochEnded(epoch.validationLoss());
    step = 0;
    lossSum = 0;
  }
}
