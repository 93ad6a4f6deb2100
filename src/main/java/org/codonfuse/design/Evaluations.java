package org.codonfuse.design;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Predictions of an objective, each sequence's computed once. Used by one thread. */
final class Evaluations {
  private final Objective objective;
  private final boolean maximise;
  private final Map<String, Prediction> known = new HashMap<>();

  Evaluations(Objective objective, boolean maximise) {
    this.objective = objective;
    this.maximise = maximise;
  }

  /** Predicts for those of some sequences that are not known, in one batch. */
  void predict(Collection<String> sequences) {
    LinkedHashSet<String> missing = new LinkedHashSet<>(sequences);
    missing.removeAll(known.keySet());
    List<String> batch = new ArrayList<>(missing);
    if (!batch.isEmpty()) {
      List<Prediction> predictions = objective.predict(batch);
      for (int i = 0; i < batch.size(); i++) {
        known.put(batch.get(i), predictions.get(i));
      }
    }
  }

  boolean knows(String rna) {
    return known.containsKey(rna);
  }

  Prediction of(String rna) {
    predict(List.of(rna));
    return known.get(rna);
  }

  /** How good a sequence is: more is better, and changes of several codons add up. */
  double merit(String rna) {
    double additive = objective.additive(of(rna).value());
    return maximise ? additive : -additive;
  }

  /** What a sequence is better by than another, in the units of the prediction. */
  double advantage(String rna, String over) {
    double difference = of(rna).value() - of(over).value();
    return maximise ? difference : -difference;
  }

  /** The number of sequences that were predicted for. */
  int count() {
    return known.size();
  }
}
