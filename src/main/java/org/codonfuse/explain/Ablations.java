package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.Examples;
import org.codonfuse.training.Predictor;
import org.codonfuse.training.metrics.Figure;
import org.codonfuse.training.metrics.Interval;
import org.codonfuse.training.metrics.PairedBootstrap;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.SavedRun;

/**
 * What a model's metric loses where the embeddings of one modality say nothing: on the splits that
 * were not learned from, with the paired bootstrap of the change.
 */
record Ablations(SavedRun run, Predictor predictor, long seed, Progress progress) {
  private static final int RESAMPLES = 1000;

  /**
   * Measures.
   *
   * @param baseline the row that takes the place of a stream's, by its name
   * @param raw outputs with all modalities [example][output]
   * @return nothing for a model of one modality, and for splits without targets
   */
  List<Ablation> measure(
      Dataset dataset, Examples examples, Map<String, float[]> baseline, double[][] raw) {
    List<StreamSpec> streams = examples.streams();
    List<Ablation> ablations = new ArrayList<>();
    for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
      int[] members = dataset.indices(split);
      List<Example> measured = dataset.of(split);
      double[][] whole = Arrays.stream(members).mapToObj(i -> raw[i]).toArray(double[][]::new);
      Optional<Figure> figure =
          streams.size() < 2 ? Optional.empty() : outputs().figure(measured, whole);
      if (figure.isEmpty()) {
        continue;
      }
      Examples all = examples.subset(members);
      try (Progress.Task task = progress.start("Without a modality", streams.size())) {
        for (StreamSpec stream : streams) {
          Examples without = all.replacing(stream.name(), baseline.get(stream.name()));
          double[][] predicted = predictor.predict(run.parameters(), without);
          ablations.add(
              ablation(
                  split,
                  stream,
                  figure.get(),
                  outputs().figure(measured, predicted).orElseThrow()));
          task.step(1);
        }
      }
    }
    return ablations;
  }

  private Outputs outputs() {
    return run.outputs();
  }

  private Ablation ablation(Split split, StreamSpec stream, Figure whole, Figure without) {
    PairedBootstrap.Difference difference =
        PairedBootstrap.compare(without, whole, RESAMPLES, seed);
    return new Ablation(
        split.label(),
        stream.name(),
        outputs().headline(),
        whole.ofAll(),
        without.ofAll(),
        difference.value(),
        difference.interval().map(Interval::low).orElse(Double.NaN),
        difference.interval().map(Interval::high).orElse(Double.NaN));
  }
}
