package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.codonfuse.baseline.KmerFrequencies;
import org.codonfuse.baseline.OneHotBaseline;
import org.codonfuse.baseline.SequenceFeatures;
import org.codonfuse.experiment.RowPlan.EncoderPlan;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.sequence.Molecule;

/** Reads the models of an experiment: baselines, then encoders × fusions × heads. */
final class RowReader {
  private static final List<String> FUSION_KEYS =
      List.of(
          "fusion",
          "name",
          "encoders",
          "heads",
          "training",
          "lambda",
          "dna_dim",
          "model_dim",
          "gate_dim",
          "shared_gate",
          "token_level",
          "attention_heads",
          "attention_dropout",
          "upsample",
          "published");

  private static final List<String> BASELINE_KEYS =
      List.of(
          "baseline",
          "name",
          "longest_kmer",
          "head_dim",
          "channels",
          "dropout",
          "learning_rate",
          "epochs",
          "published");

  /** Of a layer. */
  static final int LARGEST = 65_536;

  private final EncoderReader encoders;

  RowReader(EncoderReader encoders) {
    this.encoders = encoders;
  }

  List<RowPlan> rows(YamlMap top) {
    List<RowPlan> rows = new ArrayList<>();
    top.get("baselines").ifPresent(list -> list.list().forEach(b -> rows.add(baseline(b))));
    Optional<YamlValue> fusions = top.get("fusions");
    if (fusions.isEmpty()) {
      return rows;
    }
    SequencedMap<String, List<EncoderPlan>> sets = encoders.sets(top);
    TrainingPlan training = TrainingPlan.DEFAULT.with(top.get("training"));
    List<HeadPlan> heads = top.get("heads").map(HeadPlan::read).orElse(List.of(HeadPlan.DEFAULT));
    for (YamlValue value : fusions.get().list()) {
      rows.addAll(fusion(value, sets, heads, training));
    }
    return rows;
  }

  private RowPlan baseline(YamlValue value) {
    YamlMap map = YamlMap.named(value, "baseline", "a baseline", BASELINE_KEYS);
    List<String> names =
        Stream.concat(SequenceFeatures.NAMES.stream(), Stream.of(OneHotBaseline.NAME)).toList();
    YamlValue kind = value.isMap() ? map.require("baseline", "its name") : value;
    String name = kind.oneOf("baseline", names);
    boolean trained = name.equals(OneHotBaseline.NAME);
    for (String key : List.of("head_dim", "channels", "dropout", "learning_rate", "epochs")) {
      map.requireUsed(key, trained, name);
    }
    map.requireUsed("longest_kmer", name.equals(KmerFrequencies.NAME), name);
    String title = map.text("name").orElse(name);
    Optional<String> published = published(map).or(() -> Published.rowOf(name));
    if (!trained) {
      int longest =
          map.get("longest_kmer")
              .map(k -> k.integer(1, KmerFrequencies.MOST))
              .orElse(KmerFrequencies.LONGEST);
      return new RowPlan.Ridge(
          title, SequenceFeatures.named(name, longest).orElseThrow(), published);
    }
    return new RowPlan.OneHot(
        title,
        new OneHotBaseline(
            map.get("head_dim").map(n -> n.integer(1, LARGEST)).orElse(OneHotBaseline.WIDTH),
            map.get("channels").map(n -> n.integer(1, LARGEST)).orElse(OneHotBaseline.CHANNELS),
            map.get("dropout").map(p -> p.number(0, 0.99)).orElse(OneHotBaseline.DROPOUT),
            OneHotBaseline.training(
                map.get("epochs")
                    .map(n -> n.integer(1, Integer.MAX_VALUE))
                    .orElse(OneHotBaseline.EPOCHS),
                map.get("learning_rate")
                    .map(x -> x.number(1e-12, 10))
                    .orElse(OneHotBaseline.LEARNING_RATE),
                0)),
        published);
  }

  private static Optional<String> published(YamlMap map) {
    return map.get("published").map(row -> row.oneOf("published row", Published.rows()));
  }

  private List<RowPlan> fusion(
      YamlValue value,
      SequencedMap<String, List<EncoderPlan>> sets,
      List<HeadPlan> heads,
      TrainingPlan training) {
    YamlMap map = YamlMap.named(value, "fusion", "a fusion", FUSION_KEYS);
    YamlValue kind = value.isMap() ? map.require("fusion", "its name") : value;
    String name = kind.oneOf("fusion", FusionOptions.NAMES);
    List<Double> lambdas = lambdas(map, name);
    FusionOptions options = options(kind, map, name);
    List<HeadPlan> itsHeads = map.get("heads").map(HeadPlan::read).orElse(heads);
    TrainingPlan protocol = training.with(map.get("training"));
    List<RowPlan> rows = new ArrayList<>();
    SequencedMap<String, List<EncoderPlan>> read = read(map, options, sets);
    if (read.isEmpty()) {
      throw kind.wrong(
          "%s needs %s of %s, which 'encoders' does not have."
              .formatted(
                  name,
                  options.fewestStreams() == 1 ? "an encoder" : "at least two encoders",
                  String.join(", ", options.molecules().stream().map(Molecule::label).toList())));
    }
    read.forEach(
        (set, encoders) -> {
          PlanReader.checked(
              kind,
              () -> options.requireStreams(encoders.stream().map(EncoderPlan::molecule).toList()));
          for (HeadPlan head : itsHeads) {
            String title =
                map.text("name").orElse(name)
                    + (read.size() > 1 && !set.isEmpty() ? " " + set : "")
                    + (itsHeads.size() > 1 ? " " + head.name() : "");
            rows.add(
                new RowPlan.Trained(
                    title,
                    options,
                    lambdas,
                    encoders,
                    head.on(options),
                    protocol.settings(),
                    protocol.precision(),
                    published(map).or(() -> Published.rowOf(options, lambdas, encoders))));
          }
        });
    return rows;
  }

  private static List<Double> lambdas(YamlMap map, String fusion) {
    boolean weighs = fusion.equals(FusionConfig.MIL);
    map.requireUsed("lambda", weighs, fusion);
    if (!weighs) {
      return List.of();
    }
    if (map.get("lambda").isEmpty()) {
      return FusionOptions.ENTROPY_WEIGHTS;
    }
    List<Double> lambdas = new ArrayList<>();
    for (YamlValue value : map.get("lambda").get().listOrOne()) {
      double lambda = value.number(0, 1e6);
      if (lambdas.contains(lambda)) {
        throw value.wrong("λ %s is there twice; remove one.".formatted(Cell.number(lambda)));
      }
      lambdas.add(lambda);
    }
    return lambdas;
  }

  private static FusionOptions options(YamlValue kind, YamlMap map, String name) {
    FusionOptions[] options = new FusionOptions[1];
    PlanReader.checked(
        kind,
        () ->
            options[0] =
                new FusionOptions(
                    name,
                    size(map, "dna_dim"),
                    size(map, "model_dim"),
                    size(map, "gate_dim"),
                    OptionalDouble.empty(),
                    map.get("shared_gate").map(YamlValue::flag).orElse(false),
                    map.get("token_level").map(YamlValue::flag).orElse(false),
                    size(map, "attention_heads"),
                    map.get("attention_dropout")
                        .map(p -> OptionalDouble.of(p.number(0, 0.99)))
                        .orElse(OptionalDouble.empty()),
                    map.get("upsample")
                        .map(how -> how.oneOf("upsampling", Upsampling.labels()))
                        .flatMap(Upsampling::of)));
    return options[0];
  }

  private static OptionalInt size(YamlMap map, String key) {
    return map.get(key)
        .map(value -> OptionalInt.of(value.integer(1, LARGEST)))
        .orElse(OptionalInt.empty());
  }

  /** What a fusion reads of every set of encoders that it is for. */
  private static SequencedMap<String, List<EncoderPlan>> read(
      YamlMap map, FusionOptions options, SequencedMap<String, List<EncoderPlan>> sets) {
    List<String> chosen = new ArrayList<>(sets.keySet());
    Optional<YamlValue> names = map.get("encoders");
    if (names.isPresent()) {
      chosen.clear();
      names
          .get()
          .listOrOne()
          .forEach(n -> chosen.add(n.oneOf("set of encoders", List.copyOf(sets.keySet()))));
    }
    SequencedMap<String, List<EncoderPlan>> read = new LinkedHashMap<>();
    for (String set : chosen) {
      List<EncoderPlan> encoders =
          sets.get(set).stream().filter(e -> options.molecules().contains(e.molecule())).toList();
      // Of one encoder there is nothing to fuse, where others have more.
      int fewest = options.isMultimodal() && sets.size() > 1 ? 2 : options.fewestStreams();
      if (encoders.size() >= fewest && !read.containsValue(encoders)) {
        read.put(set, encoders);
      }
    }
    return read;
  }
}
