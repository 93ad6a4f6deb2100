package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Work;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.metrics.ClassificationMetrics;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;

/**
 * One trained model or several whose predictions are averaged: numbers, or the probabilities of
 * classes. Encoders that several read are loaded once, and what they compute comes from the cache
 * the second time. Owns them all. Used by one thread.
 */
public final class Ensemble implements AutoCloseable {
  /** What the target of a run is called that does not say. */
  private static final String UNNAMED = "target";

  private final Encoders encoders;
  private final List<SavedRun> members;

  private Ensemble(Encoders encoders, List<SavedRun> members) {
    this.encoders = encoders;
    this.members = members;
  }

  /**
   * Predictions of several models for the same examples.
   *
   * @param outputs what they mean
   * @param raw [example][output] the mean, as outputs of one model that {@code outputs} is of
   * @param spread [example][output] the standard deviation (n − 1) of the predicted numbers or
   *     probabilities; empty for one model
   * @param members by model [example][output] the predicted numbers or probabilities
   */
  public record Predictions(
      Outputs outputs, double[][] raw, double[][] spread, List<double[][]> members) {
    /** [example][output] numbers in the units of the targets, or probabilities. */
    public double[][] values() {
      return outputs.values(raw);
    }
  }

  /**
   * What a backend is wanted for to predict with runs, see {@link SavedRun#work}.
   *
   * @throws CodonfuseException if a run cannot be read
   */
  public static Work work(List<Path> runs) {
    return runs.stream()
        .map(SavedRun::work)
        .filter(work -> !work.equals(Work.INFERENCE))
        .findFirst()
        .orElse(Work.INFERENCE);
  }

  /**
   * Opens runs.
   *
   * @param runs at least one
   * @param moved see {@link SavedRun#open}; each is for the runs that read its molecule
   * @throws UsageException if a run is named twice or an encoder given that none reads
   * @throws CodonfuseException if the runs do not predict the same or one cannot be opened
   */
  public static Ensemble open(Backend backend, List<Path> runs, List<StreamInput> moved) {
    requireDifferent(runs);
    Encoders encoders = new Encoders(backend);
    List<SavedRun> members = new ArrayList<>();
    Ensemble ensemble = new Ensemble(encoders, members);
    try {
      List<RunConfig> configs =
          runs.stream().map(run -> RunConfig.read(run.resolve(RunDirectory.CONFIG))).toList();
      for (int i = 1; i < configs.size(); i++) {
        requireAgreement(runs.getFirst(), configs.getFirst(), runs.get(i), configs.get(i));
      }
      for (int i = 0; i < runs.size(); i++) {
        RunConfig config = configs.get(i);
        // Of one run, and where none reads it, opening says what is wrong.
        List<StreamInput> given =
            moved.stream()
                .filter(
                    input ->
                        reads(config, input) || configs.stream().noneMatch(c -> reads(c, input)))
                .toList();
        members.add(SavedRun.open(encoders, runs.get(i), given));
      }
      return ensemble;
    } catch (RuntimeException | Error e) {
      ensemble.close();
      throw e;
    }
  }

  private static boolean reads(RunConfig config, StreamInput input) {
    return config.streams().stream().anyMatch(stream -> stream.molecule() == input.molecule());
  }

  private static void requireDifferent(List<Path> runs) {
    Set<Path> seen = new HashSet<>();
    for (Path run : runs) {
      if (!seen.add(run.toAbsolutePath().normalize())) {
        throw new UsageException("%s: is named twice; name every run once.".formatted(run));
      }
    }
  }

  private static void requireAgreement(Path first, RunConfig one, Path second, RunConfig other) {
    String difference = null;
    if (one.task() != other.task()) {
      difference = one.task().label() + " and " + other.task().label();
    } else if (!one.classes().equals(other.classes())) {
      difference = "the classes " + joined(one.classes()) + " and " + joined(other.classes());
    } else if (!sameTargets(names(one), names(other))) {
      difference = "the targets " + joined(names(one)) + " and " + joined(names(other));
    }
    if (difference != null) {
      throw new CodonfuseException(
          "%s and %s do not predict the same: %s; average runs of one task."
              .formatted(first, second, difference));
    }
  }

  private static List<String> names(RunConfig config) {
    return config.targets().stream().map(TargetConfig::name).toList();
  }

  private static boolean sameTargets(List<String> one, List<String> other) {
    boolean unknown = one.equals(List.of(UNNAMED)) || other.equals(List.of(UNNAMED));
    return one.equals(other) || (unknown && one.size() == other.size());
  }

  private static String joined(List<String> names) {
    return "(" + String.join(", ", names) + ")";
  }

  /** Its models. */
  public List<SavedRun> members() {
    return List.copyOf(members);
  }

  /** How sequences must be read: as far as any of the models reads them. */
  public DatasetOptions datasetOptions() {
    List<DatasetOptions> options = members.stream().map(SavedRun::datasetOptions).toList();
    if (members.size() == 1) {
      return options.getFirst();
    }
    OptionalInt longest =
        options.stream().mapToInt(of -> of.truncateTo().orElse(Integer.MAX_VALUE)).max();
    return DatasetOptions.evaluation(
            options.getFirst().task().orElseThrow(), options.getFirst().classes())
        .withCode(options.getFirst().code())
        .withTruncateTo(longest.getAsInt());
  }

  /** Where the targets of a file to evaluate with are, see {@link SavedRun#reading}. */
  public ReadOptions reading(ReadOptions given) {
    return members.getFirst().reading(given);
  }

  /**
   * Predicts with every model and averages.
   *
   * @param dataset read with {@link #datasetOptions}
   * @throws CodonfuseException as {@link SavedRun#predict}
   */
  public Predictions predict(Dataset dataset, EmbeddingOptions options, Progress progress) {
    Outputs first = members.getFirst().outputs();
    if (members.size() == 1) {
      double[][] raw = members.getFirst().predict(dataset, options, progress);
      return new Predictions(first, raw, new double[0][], List.<double[][]>of(first.values(raw)));
    }
    List<double[][]> values = new ArrayList<>();
    for (SavedRun member : members) {
      values.add(member.outputs().values(member.predict(dataset, options, progress)));
    }
    int examples = values.getFirst().length;
    int width = examples == 0 ? 0 : values.getFirst()[0].length;
    double[][] raw = new double[examples][width];
    double[][] spread = new double[examples][width];
    for (int i = 0; i < examples; i++) {
      for (int o = 0; o < width; o++) {
        int example = i;
        int output = o;
        double[] of = values.stream().mapToDouble(member -> member[example][output]).toArray();
        double mean = IntStream.range(0, of.length).mapToDouble(m -> of[m]).sum() / of.length;
        raw[i][o] = first.task() == Task.REGRESSION ? mean : ClassificationMetrics.logit(mean);
        spread[i][o] = new StandardDeviation().evaluate(of);
      }
    }
    return new Predictions(first.unscaled(), raw, spread, values);
  }

  @Override
  public void close() {
    members.forEach(SavedRun::close);
    encoders.close();
  }
}
