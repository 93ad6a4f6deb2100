package org.codonfuse.sequence;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;

/**
 * What is in a file of sequences, before anything is learned from it.
 *
 * @param dataset its sequences, whole
 * @param divided whether it is divided into splits, by a column or as asked for
 * @param nucleotides per sequence
 * @param codons per sequence
 * @param gc share of G and C among the unambiguous nucleotides of a sequence
 * @param targets numbers to predict; empty for classes and where there are none
 * @param similarity what near-duplicates are: the least Jaccard index of their 10-mers
 * @param groups how many groups of sequences are connected by near-duplicates
 * @param grouped sequences that have a near-duplicate
 * @param largest sequences in the largest group
 * @param leakage for validation and test, where there are all the splits that needs
 */
public record DatasetDescription(
    Dataset dataset,
    boolean divided,
    Spread nucleotides,
    Spread codons,
    Spread gc,
    List<TargetDescription> targets,
    double similarity,
    int groups,
    int grouped,
    int largest,
    List<Leakage> leakage) {
  /** What near-duplicates are unless something else is said. */
  public static final double SIMILARITY = SimilarSequences.DEFAULT;

  /** If one group has a larger share of the sequences, groups cannot be divided usefully. */
  private static final double LARGEST_SHARE = 0.5;

  public DatasetDescription {
    targets = List.copyOf(targets);
    leakage = List.copyOf(leakage);
  }

  /**
   * Describes a file, with or without targets.
   *
   * @param options those of training, but for truncation
   * @param similarity what near-duplicates are, from 0.1 to 1
   * @throws UsageException if there is no such similarity
   * @throws CodonfuseException if the file or a row of it cannot be used
   */
  public static DatasetDescription of(
      Path path, ReadOptions reading, DatasetOptions options, double similarity) {
    SimilarSequences.requireLimit(similarity);
    SequenceTable table = SequenceReader.read(path, reading);
    boolean divided =
        !(options.split() instanceof SplitPolicy.Auto) || table.splitColumn().isPresent();
    Dataset dataset = DatasetLoader.described(table, options, divided);
    List<Example> examples = dataset.examples();
    SimilarSequences similar =
        new SimilarSequences(
            examples.stream().map(example -> example.sequence().rna()).toList(), similarity);
    int[] groups = similar.groups();
    int[] sizes = new int[groups.length];
    Arrays.stream(groups).forEach(group -> sizes[group]++);
    return new DatasetDescription(
        dataset,
        divided,
        spread(examples, CodingSequence::length),
        spread(examples, CodingSequence::codons),
        spread(examples, DatasetDescription::gc),
        dataset.task() == Task.REGRESSION ? targets(dataset) : List.of(),
        similarity,
        (int) Arrays.stream(groups).distinct().count(),
        (int) Arrays.stream(groups).filter(group -> sizes[group] > 1).count(),
        Arrays.stream(sizes).max().orElseThrow(),
        leakage(dataset, divided, similar));
  }

  private static Spread spread(List<Example> examples, ToDoubleFunction<CodingSequence> measure) {
    return Spread.of(examples.stream().map(Example::sequence).mapToDouble(measure).toArray());
  }

  private static double gc(CodingSequence sequence) {
    long strong = sequence.rna().chars().filter(c -> c == 'G' || c == 'C').count();
    long all = sequence.rna().chars().filter(c -> Nucleotides.isBase((char) c)).count();
    return all == 0 ? 0 : (double) strong / all;
  }

  private static List<TargetDescription> targets(Dataset dataset) {
    return IntStream.range(0, dataset.targets().size())
        .filter(
            target -> dataset.examples().stream().anyMatch(e -> !e.targets().get(target).isNaN()))
        .mapToObj(
            target ->
                TargetDescription.of(dataset.targets().get(target), dataset.examples(), target))
        .toList();
  }

  private static List<Leakage> leakage(Dataset dataset, boolean divided, SimilarSequences similar) {
    if (!divided || dataset.of(Split.TRAIN).isEmpty()) {
      return List.of();
    }
    return Stream.of(Split.VALIDATION, Split.TEST)
        .filter(split -> !dataset.of(split).isEmpty())
        .map(split -> Leakage.of(dataset, split, similar))
        .toList();
  }

  /** The number of sequences of every class in every split that occurs; empty for regression. */
  public Map<String, Map<Split, Integer>> classes() {
    Map<String, Map<Split, Integer>> counts = new LinkedHashMap<>();
    for (int i = 0; i < dataset.classes().size(); i++) {
      double index = i;
      Map<Split, Integer> bySplit = new LinkedHashMap<>();
      for (Split split : Split.values()) {
        List<Example> examples = dataset.of(split);
        if (!examples.isEmpty()) {
          bySplit.put(split, (int) examples.stream().filter(e -> e.target() == index).count());
        }
      }
      counts.put(dataset.classes().get(i), bySplit);
    }
    return Collections.unmodifiableMap(counts);
  }

  /** What should be done about what was found, in sentences. */
  public List<String> advice() {
    List<String> advice = new ArrayList<>();
    leakage.stream()
        .filter(found -> found.similar() > 0)
        .forEach(
            found ->
                advice.add(
                    "%d of the %d %s sequences have a near-duplicate in training: what is measured on"
                            .formatted(found.similar(), found.sequences(), found.split().label())
                        + " them is better than on new sequences."));
    boolean leaks = !advice.isEmpty();
    if (leaks || (!divided && grouped > 0)) {
      advice.add(remedy());
    }
    classes()
        .forEach(
            (name, counts) ->
                counts.forEach(
                    (split, count) -> {
                      if (divided && count == 0) {
                        advice.add(
                            "Class '%s' has no row in the %s split; divide with --split"
                                    .formatted(name, split.label())
                                + " stratified:0.7,0.15.");
                      }
                    }));
    return advice;
  }

  private String remedy() {
    double share = (double) largest / dataset.examples().size();
    String text = "Keep similar sequences in one split with --split cluster:0.7,0.15";
    if (share <= LARGEST_SHARE) {
      return text + suffix(similarity == SIMILARITY ? Optional.empty() : Optional.of(similarity));
    }
    return "%d %% of the sequences are one group at a similarity of %s; look for a higher one with"
            .formatted(Math.round(100 * share), similarity)
        + " --similarity, and give it as the third number of --split cluster:0.7,0.15,…";
  }

  private static String suffix(Optional<Double> similarity) {
    return similarity.map(value -> "," + value + ".").orElse(".");
  }

  /** All of it, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("task", dataset.targets().isEmpty() ? null : dataset.task().label());
    map.put("sequences", dataset.examples().size());
    map.put("nucleotides", nucleotides.toMap());
    map.put("codons", codons.toMap());
    map.put("gc", gc.toMap());
    map.put("targets", targets.stream().map(TargetDescription::toMap).toList());
    Map<String, Object> byClass = new LinkedHashMap<>();
    classes()
        .forEach(
            (name, counts) -> {
              Map<String, Integer> bySplit = new LinkedHashMap<>();
              counts.forEach((split, count) -> bySplit.put(split.label(), count));
              byClass.put(name, bySplit);
            });
    map.put("classes", byClass);
    map.put("divided", divided);
    map.put("diagnostics", dataset.diagnostics().toMap());
    Map<String, Object> near = new LinkedHashMap<>();
    near.put("similarity", similarity);
    near.put("groups", groups);
    near.put("sequences_with_near_duplicates", grouped);
    near.put("largest_group", largest);
    leakage.forEach(found -> near.put(found.split().label(), found.toMap()));
    map.put("near_duplicates", near);
    map.put("advice", advice());
    return map;
  }
}
