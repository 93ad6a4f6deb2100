package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.TrainingSettings;

/** Small runs for tests: short synthetic sequences, random encoders. */
public final class TestRuns {
  /** Rows of every file of {@link #rows}. */
  public static final int SIZE = 60;

  private TestRuns() {}

  /** One labelled sequence; {@code level} is its target as one of three classes. */
  public record Row(String id, String sequence, double value, String level, String split) {}

  /** Sequences of 6 to 12 codons whose target is their share of G and C plus noise. */
  public static List<Row> rows() {
    SplittableRandom random = new SplittableRandom(5);
    return java.util.stream.IntStream.range(0, SIZE)
        .mapToObj(
            i -> {
              StringBuilder sequence = new StringBuilder("AUG");
              int length = 3 * random.nextInt(6, 13);
              while (sequence.length() < length) {
                sequence.append("ACGU".charAt(random.nextInt(4)));
              }
              double share =
                  (double) sequence.chars().filter(c -> c == 'C' || c == 'G').count() / length;
              return new Row(
                  "s%02d".formatted(i),
                  sequence.toString(),
                  10 + 4 * share + 0.1 * random.nextGaussian(),
                  share < 0.42 ? "low" : share < 0.55 ? "mid" : "high",
                  i % 10 < 6 ? "train" : i % 10 < 8 ? "val" : "test");
            })
        .toList();
  }

  /** Those as CSV: Id, Sequence, Value, Split. */
  public static String csv() {
    StringBuilder text = new StringBuilder("Id,Sequence,Value,Split\n");
    for (Row row : rows()) {
      text.append(
          String.format(
              Locale.ROOT, "%s,%s,%.6f,%s%n", row.id(), row.sequence(), row.value(), row.split()));
    }
    return text.toString();
  }

  /** Writes an encoder of every family, 16 wide, with one layer. */
  public static SequencedMap<Molecule, Path> encoders(Path folder, long seed) {
    SequencedMap<Molecule, Path> directories = new LinkedHashMap<>();
    for (EncoderFamily family : EncoderFamily.values()) {
      Path directory = folder.resolve(family.molecule().label());
      RandomEncoder.write(directory, family, family.config(16, 1, 2, 32), seed);
      directories.put(family.molecule(), directory);
    }
    return directories;
  }

  /** Encoders or stores under the names of their molecules. */
  public static List<StreamInput> inputs(Map<Molecule, Path> places) {
    return places.entrySet().stream()
        .map(place -> StreamInput.of(place.getKey(), place.getValue()))
        .toList();
  }

  /** A short training of a small model; the cache is beside the data. */
  public static TrainingRun.Settings settings(
      Path data, SequencedMap<Molecule, Path> encoders, String fusion, String head) {
    return new TrainingRun.Settings(
        data,
        ReadOptions.detect(),
        DatasetOptions.training(1),
        inputs(encoders),
        FusionOptions.of(fusion),
        HeadConfig.of(head, 8, 6, 0.2, 1),
        new TrainingSettings(4, 16, 1e-2, 1e-5, 4, 5, 0.1, 1),
        new ClassWeights.None(),
        options(data.resolveSibling("cache")),
        Precision.FLOAT32);
  }

  /** Strict ones with a cache. */
  public static EmbeddingOptions options(Path cache) {
    return new EmbeddingOptions(true, new EmbeddingCache(cache), "test");
  }

  /** Trains into a directory. */
  public static TrainingRun.Outcome train(
      TrainableBackend backend, TrainingRun.Settings settings, Path output) {
    try (RunDirectory run = RunDirectory.create(output, false)) {
      TrainingRun.Outcome outcome =
          new TrainingRun(backend, settings, Progress.NONE).execute(run, _ -> {});
      run.finish();
      return outcome;
    }
  }

  /**
   * Writes what opening a run takes, with random parameters: a fused model without LibTorch.
   *
   * @param output an existing directory
   */
  public static void untrained(Path data, SequencedMap<Molecule, Path> encoders, Path output) {
    TrainingRun.Settings settings = settings(data, encoders, FusionConfig.CONCAT, TextCnnHead.NAME);
    try (Backend backend = TestBackends.open("scalar");
        StreamSources sources =
            StreamSources.open(
                backend, settings.read(), RunConfig.Embedding.of(settings.precision()))) {
      FusionConfig fusion = settings.fusion().resolve(sources.streams());
      Fusion created = fusion.create(sources.streams());
      FusionModel model = new FusionModel(created, settings.head().create(created.width()));
      try (Parameters parameters =
          Parameters.initialise(backend, model.parameters(), settings.training().seed())) {
        parameters.save(output.resolve(RunDirectory.MODEL), Map.of());
      }
      RunConfig config =
          new RunConfig(
              RunConfig.FORMAT,
              "test",
              backend.description(),
              Task.REGRESSION,
              List.of(),
              new RunConfig.Data(data.toString(), "", 1, sources.maxNucleotides(), Map.of()),
              sources.describe(),
              fusion,
              settings.head(),
              List.of(new TargetConfig("target", TargetScale.IDENTITY)),
              List.of(),
              settings.training(),
              settings.tuning(),
              RunConfig.Size.UNKNOWN,
              1);
      AtomicFiles.writeString(output.resolve(RunDirectory.CONFIG), config.toJson());
    }
  }

  /** Copies a directory of files. */
  public static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        Files.copy(entry, to.resolve(entry.getFileName()));
      }
    }
    return to;
  }
}
