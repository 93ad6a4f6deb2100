package org.codonfuse.design;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.SavedRun;

/**
 * One output of trained models: a target in its units, or the probability of a class. What is
 * computed on the way is kept in memory until the next batch. Used by one thread, as the models
 * are.
 */
public final class ModelObjective implements Objective {
  /** Codons embedded at once: with the widest encoders some hundred megabytes. */
  private static final int MOST_CODONS = 20_000;

  private static final double LEAST_PROBABILITY = 1e-12;

  private final Ensemble ensemble;
  private final Dataset dataset;
  private final EmbeddingOptions options;
  private final ModelOutput output;
  private final Progress.Task progress;

  private ModelObjective(
      Ensemble ensemble,
      Dataset dataset,
      EmbeddingOptions options,
      ModelOutput output,
      Progress.Task progress) {
    this.ensemble = ensemble;
    this.dataset = dataset;
    this.options = options;
    this.output = output;
    this.progress = progress;
  }

  /**
   * An output of models.
   *
   * @param ensemble the models, not owned
   * @param dataset whose form variants have, read for these models
   * @param output which output
   * @param progress told of every sequence that was predicted for
   * @throws CodonfuseException as {@link #requireVariants}
   */
  public static ModelObjective of(
      Ensemble ensemble,
      Dataset dataset,
      EmbeddingOptions options,
      ModelOutput output,
      Progress.Task progress) {
    requireVariants(ensemble);
    return new ModelObjective(ensemble, dataset, options.inMemory(), output, progress);
  }

  /**
   * Makes sure that the models can tell synonymous sequences apart.
   *
   * @throws UsageException if they read embeddings from a store, or proteins alone
   */
  public static void requireVariants(Ensemble ensemble) {
    ensemble.members().forEach(SavedRun::requireEncoders);
    if (ensemble.members().stream().noneMatch(SavedRun::readsNucleotides)) {
      throw new UsageException(
          "%s: reads the protein alone, which synonymous codons do not change; give a model that"
                  .formatted(ensemble.members().getFirst().directory())
              + " reads DNA or RNA.");
    }
  }

  /** The number of codons that at least one of the models reads. */
  public static int readable(Ensemble ensemble) {
    return ensemble.members().stream()
        .mapToInt(run -> run.config().data().maxNucleotides())
        .map(nucleotides -> nucleotides == 0 ? Integer.MAX_VALUE : nucleotides / 3)
        .max()
        .orElse(Integer.MAX_VALUE);
  }

  @Override
  public List<Prediction> predict(List<String> rna) {
    List<Prediction> predictions = new ArrayList<>();
    for (int from = 0; from < rna.size(); ) {
      int codons = 0;
      int to = from;
      while (to < rna.size() && (to == from || codons + rna.get(to).length() / 3 <= MOST_CODONS)) {
        codons += rna.get(to++).length() / 3;
      }
      predictions.addAll(batch(rna.subList(from, to)));
      progress.step(to - from);
      from = to;
    }
    return predictions;
  }

  private List<Prediction> batch(List<String> rna) {
    Example form = dataset.examples().getFirst();
    List<Example> variants = new ArrayList<>();
    for (String sequence : rna) {
      variants.add(form.withSequence(new CodingSequence(form.id(), sequence)));
    }
    Ensemble.Predictions predicted =
        ensemble.predict(dataset.withExamples(variants), options, Progress.NONE);
    double[][] values = predicted.values();
    List<Prediction> predictions = new ArrayList<>();
    for (int i = 0; i < rna.size(); i++) {
      int example = i;
      List<Double> members =
          predicted.members().stream().map(of -> of[example][output.index()]).toList();
      predictions.add(new Prediction(values[i][output.index()], members));
    }
    return predictions;
  }

  /** A number itself, or the logit of a probability. */
  @Override
  public double additive(double value) {
    if (output.task() == Task.REGRESSION) {
      return value;
    }
    double p = Math.clamp(value, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY);
    return Math.log(p / (1 - p));
  }
}
