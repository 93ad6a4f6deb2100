package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.SplitPolicy;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.PredictionEvaluation;
import org.codonfuse.training.metrics.PredictionTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag(TestBackends.TAG)
@RequiresTorch
class TrainingRunTest {
  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static TrainableBackend backend;
  private static SequencedMap<Molecule, Path> encoders;
  private static Path data;
  private static Path run;

  @BeforeAll
  static void trainOnce() throws IOException {
    backend = TestBackends.openTrainable();
    encoders = TestRuns.encoders(shared.resolve("encoders"), 1);
    data = Files.writeString(shared.resolve("data.csv"), TestRuns.csv());
    run = shared.resolve("run");
    TestRuns.train(backend, TestRuns.settings(data, encoders, "concat", "textcnn"), run);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static List<CSVRecord> csv(Path file) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      return parser.getRecords();
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static TrainingRun.Settings with(
      TrainingRun.Settings settings, ReadOptions reading, DatasetOptions dataset) {
    return new TrainingRun.Settings(
        settings.data(),
        reading,
        dataset,
        settings.inputs(),
        settings.fusion(),
        settings.head(),
        settings.training(),
        settings.classWeights(),
        settings.embedding(),
        settings.precision());
  }

  private static TrainingRun.Settings with(TrainingRun.Settings settings, SplitPolicy split) {
    DatasetOptions given = settings.dataset();
    return with(
        settings,
        settings.reading(),
        new DatasetOptions(
            given.task(),
            given.classes(),
            given.maxLength(),
            given.truncateTo(),
            given.code(),
            split,
            given.training()));
  }

  private double[][] predict(Backend on, Path directory, Path file, Map<Molecule, Path> moved) {
    try (SavedRun saved = SavedRun.open(on, directory, TestRuns.inputs(moved))) {
      Dataset dataset = Dataset.load(file, ReadOptions.detect(), saved.datasetOptions());
      double[][] raw =
          saved.predict(dataset, TestRuns.options(folder.resolve("fresh")), Progress.NONE);
      List<List<String>> cells = new ArrayList<>();
      for (double[] row : raw) {
        cells.add(saved.outputs().cells(row));
      }
      return cells.stream()
          .map(
              row ->
                  row.stream()
                      .skip(saved.config().classes().isEmpty() ? 0 : 1)
                      .mapToDouble(Double::parseDouble)
                      .toArray())
          .toArray(double[][]::new);
    }
  }

  private static void assertPredicted(Path directory, double[][] predictions, double tolerance)
      throws IOException {
    List<CSVRecord> rows = csv(directory.resolve(RunDirectory.PREDICTIONS));
    assertEquals(rows.size(), predictions.length);
    for (int i = 0; i < predictions.length; i++) {
      List<String> cells = rows.get(i).toList();
      List<String> expected = cells.subList(cells.size() - predictions[i].length, cells.size());
      for (int o = 0; o < expected.size(); o++) {
        double value = Double.parseDouble(expected.get(o));
        assertEquals(value, predictions[i][o], tolerance * Math.max(1, Math.abs(value)));
      }
    }
  }

  @Test
  void writesEveryFile() throws IOException {
    List<CSVRecord> history = csv(run.resolve(RunDirectory.HISTORY));
    List<CSVRecord> predictions = csv(run.resolve(RunDirectory.PREDICTIONS));
    JsonNode metrics = json(run.resolve(RunDirectory.METRICS));
    RunConfig config = RunConfig.read(run.resolve(RunDirectory.CONFIG));

    assertEquals(
        List.of(
            "epoch",
            "learning_rate",
            "train_loss",
            "validation_loss",
            "validation_spearman",
            "seconds"),
        history.getFirst().getParser().getHeaderNames());
    assertEquals(4, history.size());
    assertEquals(
        List.of("id", "split", "target", "prediction"),
        predictions.getFirst().getParser().getHeaderNames());
    assertEquals(
        TestRuns.rows().stream().map(TestRuns.Row::id).toList(),
        predictions.stream().map(row -> row.get("id")).toList());
    assertEquals("validation", predictions.get(6).get("split"));
    assertEquals(
        TestRuns.rows().getFirst().value(),
        Double.parseDouble(predictions.getFirst().get("target")),
        1e-6);
    assertEquals(2, metrics.size());
    assertEquals(12, metrics.at("/test/n").asInt());
    assertTrue(metrics.at("/validation/spearman").isNumber());
    assertEquals(Map.of("train", 36, "validation", 12, "test", 12), config.data().splits());
    assertEquals(
        encoders.values().stream().map(Path::toString).toList(),
        config.streams().stream().map(RunConfig.Stream::encoder).toList());
    CSVRecord best = history.get(config.bestEpoch() - 1);
    assertEquals(
        history.stream()
            .mapToDouble(row -> Double.parseDouble(row.get("validation_loss")))
            .min()
            .orElseThrow(),
        Double.parseDouble(best.get("validation_loss")));
  }

  @ParameterizedTest
  @CsvSource({"concat,textcnn", "concat,mlp", "dna,mlp", "rna,mlp", "rna,textcnn", "protein,mlp"})
  void aReloadedRunPredictsTheSame(String fusion, String head) throws IOException {
    Path directory = folder.resolve("run");
    TestRuns.train(backend, TestRuns.settings(data, encoders, fusion, head), directory);

    assertPredicted(directory, predict(backend, directory, data, Map.of()), 1e-6);
    try (Backend scalar = TestBackends.open("scalar")) {
      assertPredicted(directory, predict(scalar, directory, data, Map.of()), 1e-4);
    }
  }

  @Test
  void metricsAreThoseOfThePredictions() throws IOException {
    assertMetricsMatchPredictions(run);
  }

  private static void assertMetricsMatchPredictions(Path directory) throws IOException {
    Map<String, MetricReport> recomputed =
        PredictionEvaluation.of(
                PredictionTable.read(directory.resolve(RunDirectory.PREDICTIONS)),
                new PredictionEvaluation.Request(
                    Optional.empty(), Optional.empty(), Optional.empty(), 1))
            .splits();
    json(directory.resolve(RunDirectory.METRICS))
        .properties()
        .forEach(
            split -> {
              MetricReport report = recomputed.get(split.getKey());
              assertEquals(report.n(), split.getValue().get("n").asInt());
              report
                  .metrics()
                  .forEach(
                      (name, metric) ->
                          assertEquals(
                              metric.value(), split.getValue().get(name).asDouble(), 1e-12, name));
            });
  }

  @Test
  void theSeedDecidesTheRun() throws IOException {
    TrainingRun.Settings settings = TestRuns.settings(data, encoders, "concat", "textcnn");
    TestRuns.train(backend, settings, folder.resolve("again"));

    for (String file :
        List.of(RunDirectory.METRICS, RunDirectory.MODEL, RunDirectory.PREDICTIONS)) {
      assertEquals(-1, Files.mismatch(run.resolve(file), folder.resolve("again").resolve(file)));
    }
  }

  @Test
  void learnsClasses() throws IOException {
    Path file = folder.resolve("classes.csv");
    Files.writeString(
        file,
        TestRuns.rows().stream()
            .map(row -> String.join(",", row.sequence(), row.level(), row.split()))
            .collect(Collectors.joining("\n", "CDS,label,split\n", "\n")));
    Path directory = folder.resolve("run");
    TestRuns.train(backend, TestRuns.settings(file, encoders, "concat", "mlp"), directory);

    List<CSVRecord> predictions = csv(directory.resolve(RunDirectory.PREDICTIONS));
    assertEquals(
        List.of(
            "id",
            "split",
            "target",
            "prediction",
            "probability_high",
            "probability_low",
            "probability_mid"),
        predictions.getFirst().getParser().getHeaderNames());
    for (CSVRecord row : predictions) {
      Function<String, Double> probability =
          name -> Double.parseDouble(row.get("probability_" + name));
      List<String> classes = List.of("high", "low", "mid");
      assertEquals(1, classes.stream().mapToDouble(probability::apply).sum(), 1e-12);
      assertTrue(
          classes.stream()
              .allMatch(c -> probability.apply(c) <= probability.apply(row.get("prediction"))));
    }
    assertTrue(
        csv(directory.resolve(RunDirectory.HISTORY)).getFirst().isMapped("validation_accuracy"));
    assertMetricsMatchPredictions(directory);
    assertPredicted(directory, predict(backend, directory, file, Map.of()), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"random,30,18,12", "kfold,36,12,12"})
  void dividesTheRowsItself(String kind, int train, int validation, int test) {
    SplitPolicy policy =
        kind.equals("random")
            ? new SplitPolicy.Random(1, 0.5, 0.3)
            : new SplitPolicy.KFold(1, 5, 2);
    TrainingRun.Outcome outcome =
        TestRuns.train(
            backend,
            with(TestRuns.settings(data, encoders, "rna", "mlp"), policy),
            folder.resolve("run"));

    assertEquals(
        Map.of("train", train, "validation", validation, "test", test),
        outcome.config().data().splits());
  }

  @Test
  void compressedFastaWithLabelsGivesTheSameModelAsCsv() throws IOException {
    Path fasta = folder.resolve("data.fa.gz");
    try (OutputStream out = Files.newOutputStream(fasta);
        var text = new OutputStreamWriter(new GZIPOutputStream(out), StandardCharsets.US_ASCII)) {
      for (TestRuns.Row row : TestRuns.rows()) {
        String dna = row.sequence().toLowerCase(java.util.Locale.ROOT).replace('u', 't');
        text.write(">" + row.id() + " description\n" + dna.substring(0, 7) + "\n");
        text.write(dna.substring(7) + "\n");
      }
    }
    TrainingRun.Settings settings = TestRuns.settings(fasta, encoders, "concat", "textcnn");
    ReadOptions labels =
        new ReadOptions(
            Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.of(data));
    TestRuns.train(backend, with(settings, labels, settings.dataset()), folder.resolve("run"));

    Path predictions = folder.resolve("run").resolve(RunDirectory.PREDICTIONS);
    assertEquals(-1, Files.mismatch(run.resolve(RunDirectory.PREDICTIONS), predictions));
  }

  @Test
  void theGeneticCodeIsThatOfTheTraining() throws IOException {
    TrainingRun.Settings settings = TestRuns.settings(data, encoders, "protein", "mlp");
    Path directory = folder.resolve("run");
    DatasetOptions vertebrateMitochondrial = settings.dataset().withCode(GeneticCode.of(2));
    TestRuns.train(backend, with(settings, settings.reading(), vertebrateMitochondrial), directory);
    TestRuns.train(backend, settings, folder.resolve("standard"));

    assertPredicted(directory, predict(backend, directory, data, Map.of()), 1e-6);
    assertNotEquals(
        -1,
        Files.mismatch(
            directory.resolve(RunDirectory.PREDICTIONS),
            folder.resolve("standard").resolve(RunDirectory.PREDICTIONS)));
  }

  @Test
  void sequencesAboveTheLimitAreLeftOut() {
    TrainingRun.Settings settings = TestRuns.settings(data, encoders, "rna", "mlp");
    DatasetOptions short27 =
        new DatasetOptions(
            Optional.empty(),
            List.of(),
            OptionalInt.of(27),
            OptionalInt.empty(),
            GeneticCode.standard(),
            settings.dataset().split(),
            true);

    TrainingRun.Outcome outcome =
        TestRuns.train(backend, with(settings, settings.reading(), short27), folder.resolve("run"));

    assertEquals(
        TestRuns.rows().stream().filter(row -> row.sequence().length() <= 27).count(),
        outcome.config().data().splits().values().stream().mapToInt(n -> n).sum());
  }

  @Test
  void refusesAnEncoderThatIsNotTheTrainedOne() {
    Path other = TestRuns.encoders(folder.resolve("other"), 2).get(Molecule.RNA);

    CodonfuseException failure =
        assertThrows(
            CodonfuseException.class,
            () -> SavedRun.open(backend, run, List.of(StreamInput.of(Molecule.RNA, other))));

    assertEquals(
        other
            + ": is not the encoder that "
            + run
            + " was trained with (its files differ); give the right one with --rna.",
        failure.getMessage());
  }

  @Test
  void findsAMovedEncoderWhereItIsTold() throws IOException {
    SequencedMap<Molecule, Path> original = TestRuns.encoders(folder.resolve("before"), 3);
    Path directory = folder.resolve("run");
    TestRuns.train(backend, TestRuns.settings(data, original, "rna", "mlp"), directory);
    Path moved = Files.move(original.get(Molecule.RNA), folder.resolve("moved"));

    CodonfuseException failure =
        assertThrows(CodonfuseException.class, () -> SavedRun.open(backend, directory, List.of()));

    assertEquals(
        original.get(Molecule.RNA)
            + ": the rna encoder of "
            + directory
            + " is not there; give its model directory, or a store of the sequences' embeddings,"
            + " with --rna.",
        failure.getMessage());
    assertPredicted(
        directory, predict(backend, directory, data, Map.of(Molecule.RNA, moved)), 1e-6);
  }

  @Test
  void targetsTooFarApartAreRefused() throws IOException {
    Path file = folder.resolve("data.csv");
    Files.writeString(
        file,
        TestRuns.csv()
            .replaceAll("(?m),1[0-9.]*,train$", ",1e308,train")
            .replaceFirst(",1e308,", ",-1e308,"));

    CodonfuseException failure =
        assertThrows(
            CodonfuseException.class,
            () ->
                TestRuns.train(
                    backend,
                    TestRuns.settings(file, encoders, "rna", "mlp"),
                    folder.resolve("run")));

    assertTrue(
        failure
            .getMessage()
            .startsWith(file + ": column 'Value': targets with a standard deviation of "),
        failure.getMessage());
    assertTrue(Files.notExists(folder.resolve("run")));
  }
}
