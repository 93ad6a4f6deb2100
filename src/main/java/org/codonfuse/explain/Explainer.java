package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.fusion.CrossAttentionFusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.Examples;
import org.codonfuse.training.Predictor;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.SavedRun;

/**
 * Explains a trained model on a data set. Attributions need gradients, which a {@link
 * TrainableBackend} has; everything else runs on every backend. Used by one thread.
 */
public final class Explainer {
  /** Sequences whose attention is kept codon by codon. */
  private static final int ATTENTION_MAPS = 3;

  /** Sequences in a map: more take long and cover one another. */
  private static final int MAP_SEQUENCES = 2000;

  private final SavedRun run;
  private final Backend backend;
  private final Outputs outputs;
  private final List<StreamSpec> streams;
  private final ExplainSettings settings;
  private final EmbeddingOptions embedding;
  private final Progress progress;

  /**
   * @param run the model, which stays open as long as this is used
   * @param embedding how embeddings of the data set are kept; those of variants are not
   */
  public Explainer(
      SavedRun run, ExplainSettings settings, EmbeddingOptions embedding, Progress progress) {
    this.run = run;
    this.backend = run.backend();
    this.outputs = run.outputs();
    this.streams = run.model().fusion().streams();
    this.settings = settings;
    this.embedding = embedding;
    this.progress = progress;
  }

  /**
   * Explains.
   *
   * @param dataset read with {@link SavedRun#datasetOptions}; where it has targets, ablations are
   *     measured
   * @param sha256 hash of its file
   * @throws org.codonfuse.CodonfuseException if a sequence was named that is not in it, or one
   *     cannot be embedded
   * @throws IllegalArgumentException if attributions are wanted of a backend without gradients
   */
  public Explanation explain(Dataset dataset, String sha256) {
    Selection selection = Selection.of(dataset, settings);
    Examples examples = run.examples(dataset, embedding, progress);
    int[] training = dataset.indices(Split.TRAIN);
    // Nothing of a test goes into a mean where it is known what was learned from.
    Map<String, float[]> baseline =
        settings.baseline().rows(training.length == 0 ? examples : examples.subset(training));
    List<ModalityWeight> weights = new ArrayList<>();
    double[][] raw = predict(dataset, examples, weights);
    List<Ablation> ablations =
        new Ablations(run, predictor(), settings.seed(), progress)
            .measure(dataset, examples, baseline, raw);
    AttributionTables attributed = attribute(dataset, examples, baseline, selection);
    int[] mutants = selection.drawn(settings.mutated(), settings.seed());
    List<Mutation> mutations = mutate(dataset, mutants);
    CodonEffects effects =
        CodonEffects.of(
            outputs.outputNames(), codons(dataset, examples), attributed.codons(), mutations);
    Optional<AttentionMaps> attention = attention(dataset, examples, selection);
    List<EmbeddingMap> maps = maps(dataset, examples);
    boolean attributes = settings.method() != AttributionMethod.NONE;
    return new Explanation(
        new Explanation.Summary(
            ExplanationDirectory.FORMAT,
            embedding.version(),
            backend.description(),
            run.directory().toString(),
            dataset.source().toString(),
            sha256,
            dataset.examples().size(),
            attributes ? selection.examples().length : 0,
            mutants.length,
            selection.description(),
            outputs.outputNames(),
            streams.stream().map(StreamSpec::name).toList(),
            settings.method().label(),
            settings.method() == AttributionMethod.INTEGRATED_GRADIENTS ? settings.steps() : 0,
            settings.baseline().description(training.length > 0),
            settings.missense(),
            settings.seed()),
        weights,
        ablations,
        attributed.shares(),
        attributed.completeness(),
        attributed.codons(),
        mutations,
        effects.effects(),
        effects.profiles(),
        attention.map(AttentionMaps::shares).orElse(List.of()),
        attention.map(AttentionMaps::maps).orElse(List.of()),
        maps.stream().flatMap(map -> map.points().stream()).toList(),
        maps.stream().flatMap(map -> map.axes().stream()).toList());
  }

  private static Map<String, Integer> codons(Dataset dataset, Examples examples) {
    Map<String, Integer> codons = new HashMap<>();
    for (int i = 0; i < examples.size(); i++) {
      codons.put(dataset.examples().get(i).id(), examples.codons(i));
    }
    return codons;
  }

  private double[][] predict(Dataset dataset, Examples examples, List<ModalityWeight> weights) {
    double[][] raw = new double[examples.size()][];
    double[][] alphas = new double[examples.size()][];
    try (Progress.Task task = progress.start("Predicting", examples.size())) {
      predictor()
          .run(
              run.parameters(),
              examples,
              (members, output) -> {
                place(output.values(), members, raw);
                output.fused().modalityWeights().ifPresent(alpha -> place(alpha, members, alphas));
                task.step(members.length);
              });
    }
    for (int i = 0; i < alphas.length && alphas[i] != null; i++) {
      Example example = dataset.examples().get(i);
      for (int s = 0; s < streams.size(); s++) {
        weights.add(
            new ModalityWeight(
                example.id(), example.split().label(), streams.get(s).name(), alphas[i][s]));
      }
    }
    return raw;
  }

  private Predictor predictor() {
    return new Predictor(backend, run.model(), run.config().training().batchSize());
  }

  private AttributionTables attribute(
      Dataset dataset, Examples examples, Map<String, float[]> baseline, Selection selection) {
    AttributionTables tables =
        new AttributionTables(
            outputs, examples.streams(), GeneticCode.of(run.config().data().geneticCode()));
    if (settings.method() == AttributionMethod.NONE) {
      return tables;
    }
    if (!(backend instanceof TrainableBackend trainable)) {
      throw new IllegalArgumentException("No gradients on " + backend.name());
    }
    Attributor attributor =
        new Attributor(
            trainable, run.model(), run.parameters(), settings.method(), settings.steps());
    Examples replaced = examples;
    for (StreamSpec stream : streams) {
      replaced = replaced.replacing(stream.name(), baseline.get(stream.name()));
    }
    try (Progress.Task task =
        progress.start("Attributing predictions", selection.examples().length)) {
      for (int i : selection.examples()) {
        try (Scope _ = backend.openScope(Mode.INFERENCE)) {
          int[] one = {i};
          List<Attributor.Attribution> found =
              attributor.attribute(examples.batch(backend, one), replaced.batch(backend, one));
          for (int o = 0; o < found.size(); o++) {
            tables.add(dataset.examples().get(i), examples.codons(i), o, found.get(o));
          }
        }
        task.step(1);
      }
    }
    return tables;
  }

  private List<Mutation> mutate(Dataset dataset, int[] members) {
    List<Mutation> mutations = new ArrayList<>();
    Mutagenesis mutagenesis = new Mutagenesis(run, embedding, settings.missense());
    List<Example> chosen = new ArrayList<>();
    long variants = 0;
    for (int i : members) {
      Example example = dataset.examples().get(i);
      chosen.add(example);
      variants += mutagenesis.variants(example.sequence());
    }
    try (Progress.Task task = progress.start("Exchanging codons", variants)) {
      for (Example example : chosen) {
        mutations.addAll(mutagenesis.mutate(dataset, example));
        task.step(mutagenesis.variants(example.sequence()));
      }
    }
    return mutations;
  }

  private Optional<AttentionMaps> attention(
      Dataset dataset, Examples examples, Selection selection) {
    if (!(run.model().fusion() instanceof CrossAttentionFusion fusion)) {
      return Optional.empty();
    }
    AttentionMaps maps = new AttentionMaps(fusion);
    int shown = 0;
    for (int i : selection.examples()) {
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        maps.add(
            backend,
            run.parameters(),
            dataset.examples().get(i).id(),
            examples.batch(backend, new int[] {i}),
            shown++ < ATTENTION_MAPS);
      }
    }
    return Optional.of(maps);
  }

  private List<EmbeddingMap> maps(Dataset dataset, Examples examples) {
    int[] shown =
        Selection.drawn(
            IntStream.range(0, examples.size()).toArray(), MAP_SEQUENCES, settings.seed());
    List<Example> chosen = IntStream.of(shown).mapToObj(dataset.examples()::get).toList();
    List<String> ids = chosen.stream().map(Example::id).toList();
    List<String> splits = chosen.stream().map(example -> example.split().label()).toList();
    List<EmbeddingMap> maps = new ArrayList<>();
    try (Progress.Task task = progress.start("Mapping embeddings", streams.size() + 1)) {
      new PooledEmbeddings(backend, run.model().fusion(), run.config().training().batchSize())
          .pool(run.parameters(), examples.subset(shown), _ -> {})
          .forEach(
              (modality, embeddings) -> {
                maps.add(EmbeddingMap.of(modality, ids, splits, embeddings, settings.seed()));
                task.step(1);
              });
    }
    return maps;
  }

  private static void place(Tensor values, int[] members, double[][] all) {
    double[][] rows = Predictor.rows(values);
    for (int b = 0; b < members.length; b++) {
      all[members[b]] = rows[b];
    }
  }
}
