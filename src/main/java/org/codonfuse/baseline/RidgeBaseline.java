package org.codonfuse.baseline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.CsvFile;
import org.codonfuse.io.Json;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Diagnostics;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.PredictionFile;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.TargetConfig;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.Sha256;

/**
 * Ridge regression on features of the sequences, the penalty chosen by the mean squared error of
 * the validation split. Several targets are regressed each on the rows that have it, with one
 * penalty. Classes are regressed as targets of ±1, one output each, whose values are the logits.
 * Nothing is random but the intervals of the metrics and, where the file has none, the splits.
 *
 * @param data file of sequences with targets
 * @param reading where in the file they are
 * @param dataset how they become examples
 * @param features what the regression knows of a sequence
 * @param seed of the bootstrap
 * @param version of the program, for the record
 */
public record RidgeBaseline(
    Path data,
    ReadOptions reading,
    DatasetOptions dataset,
    SequenceFeatures features,
    long seed,
    String version) {
  /** Penalties that are tried, per row and for standardised features: 1e-4 to 1e3. */
  static final double[] PENALTIES =
      IntStream.rangeClosed(-8, 6).mapToDouble(half -> Math.pow(10, half / 2.0)).toArray();

  /**
   * One penalty.
   *
   * @param penalty its value
   * @param validationLoss mean squared error of validation, in units of standardised targets
   * @param validationMetric Spearman's correlation or accuracy there
   */
  public record Candidate(double penalty, double validationLoss, double validationMetric) {}

  /**
   * A finished baseline.
   *
   * @param task what is predicted
   * @param candidates all penalties
   * @param chosen the one with the lowest validation loss
   * @param metrics by split: validation, test
   */
  public record Outcome(
      Task task,
      List<Candidate> candidates,
      Candidate chosen,
      SequencedMap<Split, MetricReport> metrics) {
    /** The content of {@code metrics.json}. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      metrics.forEach((split, report) -> map.put(split.label(), report.toMap()));
      return map;
    }
  }

  /**
   * Fits and writes the run: the files of a training, the parameters being weights and bias, and
   * the history a line per penalty.
   *
   * @param output receives the files; the caller finishes it
   * @param diagnosed is told what cleaning found
   * @throws CodonfuseException if the data cannot be used
   */
  public Outcome execute(RunDirectory output, Consumer<Diagnostics> diagnosed) {
    String hash = Sha256.of(data);
    Dataset examples = Dataset.load(data, reading, dataset);
    diagnosed.accept(examples.diagnostics());
    List<TargetConfig> targets = TargetConfig.of(examples);
    Outputs outputs = new Outputs(examples.task(), examples.classes(), targets);
    double[][] inputs =
        examples.examples().stream()
            .map(example -> features.of(example.sequence()))
            .toArray(double[][]::new);
    double[][] wanted =
        examples.examples().stream()
            .map(example -> wanted(example, examples, targets))
            .toArray(double[][]::new);
    int[] training = examples.indices(Split.TRAIN);
    int[] held = examples.indices(Split.VALIDATION);
    Ridge ridge = new Ridge(rows(inputs, training), rows(wanted, training));
    List<Example> validation = examples.of(Split.VALIDATION);
    List<Candidate> candidates = new ArrayList<>();
    Candidate chosen = null;
    LinearModel model = null;
    for (double penalty : PENALTIES) {
      LinearModel fitted = ridge.fit(penalty);
      double[][] predicted = fitted.predict(rows(inputs, held));
      Candidate candidate =
          new Candidate(
              penalty,
              meanSquaredError(predicted, rows(wanted, held)),
              outputs.headline(validation, predicted));
      candidates.add(candidate);
      if (chosen == null || candidate.validationLoss() < chosen.validationLoss()) {
        chosen = candidate;
        model = fitted;
      }
    }
    double[][] raw = model.predict(inputs);
    SequencedMap<Split, MetricReport> metrics = outputs.metrics(examples, raw, seed);
    metrics.remove(Split.TRAIN);
    Outcome outcome = new Outcome(examples.task(), List.copyOf(candidates), chosen, metrics);
    write(output, outcome, examples, hash, outputs, raw, model);
    return outcome;
  }

  private void write(
      RunDirectory output,
      Outcome outcome,
      Dataset examples,
      String hash,
      Outputs outputs,
      double[][] raw,
      LinearModel model) {
    RidgeConfig config =
        new RidgeConfig(
            features.name(),
            version,
            examples.task(),
            examples.classes(),
            data.toString(),
            hash,
            outputs.targets(),
            outcome.chosen().penalty(),
            features.columns());
    AtomicFiles.writeString(output.file(RunDirectory.CONFIG), config.toJson());
    AtomicFiles.writeString(output.file(RunDirectory.METRICS), Json.pretty(outcome.toMap()) + "\n");
    SafetensorsWriter.write(
        output.file(RunDirectory.MODEL),
        Map.of("weight", model.weightTensor(), "bias", model.biasTensor()));
    CsvFile.write(
        output.file(RunDirectory.HISTORY),
        List.of("penalty", "validation_loss", "validation_" + outputs.headline()),
        outcome.candidates().stream()
            .map(
                candidate ->
                    List.of(
                        Double.toString(candidate.penalty()),
                        Double.toString(candidate.validationLoss()),
                        Double.toString(candidate.validationMetric())))
            .toList());
    PredictionFile.writeWithTargets(
        output.file(RunDirectory.PREDICTIONS), outputs, examples.examples(), raw);
  }

  /** What the outputs of an example should be; NaN where that is not known. */
  private static double[] wanted(Example example, Dataset dataset, List<TargetConfig> targets) {
    if (dataset.task() == Task.REGRESSION) {
      return IntStream.range(0, targets.size())
          .mapToDouble(t -> targets.get(t).scale().standardise(example.targets().get(t)))
          .toArray();
    }
    double[] signs = new double[dataset.classes().size()];
    Arrays.fill(signs, -1);
    signs[(int) example.target()] = 1;
    return signs;
  }

  private static double[][] rows(double[][] of, int[] chosen) {
    return Arrays.stream(chosen).mapToObj(i -> of[i]).toArray(double[][]::new);
  }

  /** Over the targets that are known. */
  private static double meanSquaredError(double[][] outputs, double[][] targets) {
    double sum = 0;
    int known = 0;
    for (int i = 0; i < outputs.length; i++) {
      for (int o = 0; o < outputs[i].length; o++) {
        double error = outputs[i][o] - targets[i][o];
        if (!Double.isNaN(error)) {
          sum += error * error;
          known++;
        }
      }
    }
    return sum / known;
  }
}
