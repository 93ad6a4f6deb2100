package org.codonfuse.experiment;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.datasets.PublicDataset;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.SplitPolicy;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.ClassWeights;

/** Reads an experiment from a YAML file. What is wrong in it is said with file and line. */
public final class PlanReader {
  private static final List<String> KEYS =
      List.of(
          "name",
          "data",
          "encoders",
          "fusions",
          "baselines",
          "heads",
          "training",
          "seeds",
          "folds",
          "keep_models");

  private static final List<String> DATA_KEYS =
      List.of(
          "name",
          "file",
          "labels",
          "sequence_column",
          "target_column",
          "split_column",
          "id_column",
          "task",
          "split",
          "split_seed",
          "max_length",
          "genetic_code",
          "class_weights",
          "published");

  private static final int MOST_SEEDS = 1000;

  /** In bytes; the names of a data set, a model and a seed make one of a file. */
  private static final int LONGEST_NAME = 80;

  private final Path folder;
  private final Overrides overrides;
  private final Consumer<String> models;

  private PlanReader(Path folder, Overrides overrides, Consumer<String> models) {
    this.folder = folder;
    this.overrides = overrides;
    this.models = models;
  }

  /**
   * What takes the place of what the file says.
   *
   * @param data a file named as one of the experiment's says where that is; others replace all
   * @param encoders every model of the molecules that occur in them
   */
  public record Overrides(List<Path> data, List<RowPlan.EncoderPlan> encoders) {
    /** Nothing. */
    public static final Overrides NONE = new Overrides(List.of(), List.of());
  }

  /**
   * Reads a plan.
   *
   * @param models throws a usage exception for what is the name of no model
   * @throws CodonfuseException that names the line, if it is wrong
   */
  public static ExperimentPlan read(Path file, Overrides overrides, Consumer<String> models) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    return new PlanReader(folder, overrides, models).plan(file);
  }

  private ExperimentPlan plan(Path file) {
    YamlMap top = YamlValue.read(file).map().only("an experiment", KEYS);
    int folds = top.get("folds").map(value -> value.integer(3, MOST_SEEDS)).orElse(0);
    List<DataPlan> data = data(top, folds);
    List<RowPlan> rows =
        new RowReader(new EncoderReader(folder, overrides.encoders(), models)).rows(top);
    requireDistinct(top, "data", data.stream().map(DataPlan::name).toList());
    requireDistinct(top, "fusions", rows.stream().map(RowPlan::name).toList());
    List<Long> seeds = seeds(top, folds);
    if (rows.isEmpty()) {
      throw top.place().wrong("compares nothing; list fusions, baselines or both.");
    }
    return new ExperimentPlan(
        top.text("name").orElse(String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "")),
        data,
        rows,
        seeds,
        folds,
        top.get("keep_models").map(YamlValue::flag).orElse(true));
  }

  /** Names are the names of directories, too. */
  private static void requireDistinct(YamlMap top, String key, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (Cell.slug(name).getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        throw top.get(key)
            .orElse(top.place())
            .wrong(
                "the name '%s…' is too long for that of a directory; give one of at most %d letters."
                    .formatted(name.substring(0, 20), LONGEST_NAME));
      }
      if (!seen.add(Cell.slug(name))) {
        throw top.get(key)
            .orElse(top.place())
            .wrong("two of them are called '%s'; give one another name.".formatted(name));
      }
    }
  }

  private static List<Long> seeds(YamlMap top, int folds) {
    Optional<YamlValue> given = top.get("seeds");
    if (given.isEmpty()) {
      return List.of(1L);
    }
    List<Long> seeds = new ArrayList<>();
    List<YamlValue> listed = given.get().list();
    if (listed.size() > MOST_SEEDS) {
      throw given
          .get()
          .wrong("%d seeds are too many; list at most %d.".formatted(listed.size(), MOST_SEEDS));
    }
    for (YamlValue value : listed) {
      long seed = value.whole(Long.MIN_VALUE, Long.MAX_VALUE);
      if (seeds.contains(seed)) {
        throw value.wrong(
            "seed %d is there twice, and would count one training as two; remove one."
                .formatted(seed));
      }
      seeds.add(seed);
    }
    if (folds > 0 && seeds.size() > 1) {
      throw given.get().wrong("folds repeat every training already; give one seed.");
    }
    return seeds;
  }

  private List<DataPlan> data(YamlMap top, int folds) {
    List<DataPlan> planned =
        top.get("data").map(YamlValue::listOrOne).orElse(List.of()).stream()
            .map(value -> data(value, folds))
            .toList();
    if (planned.isEmpty() && overrides.data().isEmpty()) {
      throw top.place().wrong("'data' is missing; list data sets, or give one with --data.");
    }
    return located(planned, top);
  }

  private DataPlan data(YamlValue value, int folds) {
    if (!value.isMap()) {
      return DataPlan.detected(path(value));
    }
    YamlMap map = value.map().only("a data set", DATA_KEYS);
    YamlValue file = map.require("file", "the sequences with their targets");
    DataPlan detected = DataPlan.detected(path(file));
    map.requireUsed("split", folds == 0, "an experiment with folds, which are random");
    map.get("split").ifPresent(split -> checked(split, () -> SplitPolicy.parse(split.text(), 1)));
    map.get("genetic_code")
        .ifPresent(code -> checked(code, () -> GeneticCode.of(code.integer(1, 100))));
    return new DataPlan(
        map.text("name").orElse(detected.name()),
        detected.file(),
        new ReadOptions(
            map.text("sequence_column"),
            map.get("target_column")
                .map(columns -> columns.listOrOne().stream().map(YamlValue::text).toList())
                .orElse(List.of()),
            map.text("split_column"),
            map.text("id_column"),
            map.get("labels").map(this::labels)),
        map.get("task").flatMap(PlanReader::task),
        map.text("split").orElse(detected.split()),
        map.get("split_seed")
            .map(seed -> seed.whole(Long.MIN_VALUE, Long.MAX_VALUE))
            .orElse(detected.splitSeed()),
        map.get("max_length")
            .map(length -> OptionalInt.of(length.integer(3, Integer.MAX_VALUE)))
            .orElse(OptionalInt.empty()),
        map.get("genetic_code").map(code -> code.integer(1, 100)).orElse(1),
        map.get("class_weights").map(PlanReader::classWeights).orElse(new ClassWeights.None()),
        map.get("published").map(name -> name.oneOf("data set", Published.dataSets())));
  }

  /** A word, or a map of weights by class. */
  private static ClassWeights classWeights(YamlValue value) {
    if (value.isMap()) {
      Map<String, Double> weights = new LinkedHashMap<>();
      value.map().values().forEach((name, weight) -> weights.put(name, weight.number(1e-9, 1e9)));
      return new ClassWeights.Given(weights);
    }
    return value.oneOf("class weights", List.of("none", "balanced")).equals("none")
        ? new ClassWeights.None()
        : new ClassWeights.Balanced();
  }

  private static Optional<Task> task(YamlValue value) {
    return switch (value.oneOf("task", List.of("auto", "regression", "classification"))) {
      case "regression" -> Optional.of(Task.REGRESSION);
      case "classification" -> Optional.of(Task.CLASSIFICATION);
      default -> Optional.empty();
    };
  }

  /** A path in the file is one from the file. */
  private Path path(YamlValue value) {
    return value.path(folder);
  }

  private Path labels(YamlValue value) {
    Path labels = path(value);
    if (!Files.isRegularFile(labels)) {
      throw value.wrong(labels + ": there is no such file; correct the path.");
    }
    return labels;
  }

  /** The data sets where they are, which they must be. */
  private List<DataPlan> located(List<DataPlan> planned, YamlMap top) {
    List<DataPlan> moved = new ArrayList<>();
    List<Path> foreign = new ArrayList<>(overrides.data());
    for (DataPlan data : planned) {
      Optional<Path> place =
          overrides.data().stream().filter(path -> isCopy(path, data.file())).findFirst();
      place.ifPresent(foreign::remove);
      moved.add(place.map(data::at).orElse(data));
    }
    List<DataPlan> chosen =
        foreign.isEmpty() ? moved : overrides.data().stream().map(DataPlan::detected).toList();
    for (DataPlan data : chosen) {
      if (!Files.isRegularFile(data.file())) {
        throw top.get("data")
            .orElse(top.place())
            .wrong(
                "%s: there is no such file; correct the path or say with --data where it is."
                    .formatted(data.file()));
      }
    }
    return chosen;
  }

  /** By their names; public data sets have one where they are published, too. */
  private static boolean isCopy(Path file, Path planned) {
    return name(file).equalsIgnoreCase(name(planned))
        || PublicDataset.find(name(planned).replaceFirst("\\.csv$", ""))
            .filter(dataset -> name(file).equalsIgnoreCase(dataset.file()))
            .isPresent();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Says what is wrong with a value with its line. */
  static void checked(YamlValue value, Runnable check) {
    try {
      check.run();
    } catch (UsageException e) {
      throw value.wrong(e.getMessage().endsWith(".") ? e.getMessage() : e.getMessage() + ".");
    }
  }
}
