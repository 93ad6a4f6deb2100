package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.FusionLearner.Labelled;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that is interrupted and goes on ends with every bit of one that is not. */
class TrainerResumeTest {
  private static final int WIDTH = 3;
  private static final int EXAMPLES = 22;
  private static final StreamSpec STREAM =
      new StreamSpec("rna", Molecule.RNA, WIDTH, Granularity.TOKEN);
  private static final FusionModel MODEL =
      new FusionModel(
          new UnimodalFusion(STREAM), new TextCnnHead(WIDTH, 5, List.of(2, 3), 7, 0.3, 1));
  private static final ObjectNode TREE =
      JsonNodeFactory.instance.objectNode().put("rate", 0.01).put("seed", 5L);

  private static TrainableBackend backend;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    backend = TestBackends.openTrainable();
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private record Trained(List<Epoch> history, int best, Map<String, float[]> values) {}

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Examples of which all reads after so many end the process, as far as a test can see. */
  private static Labelled data(int size, long seed, int readable) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] values = new float[size][];
    double[] targets = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = new float[(1 + i % 4) * WIDTH];
      for (int t = 0; t < values[i].length; t++) {
        values[i][t] = (float) random.nextGaussian();
      }
      targets[i] = values[i][0];
    }
    StreamRows rows = StreamRows.of(WIDTH, values);
    AtomicInteger reads = new AtomicInteger();
    StreamRows failing =
        new StreamRows() {
          @Override
          public int rows(int example) {
            return rows.rows(example);
          }

          @Override
          public void read(int example, float[] target, int offset) {
            if (reads.incrementAndGet() > readable) {
              throw new Crash();
            }
            rows.read(example, target, offset);
          }
        };
    int[] codons = IntStream.range(0, size).map(i -> 1 + i % 4).toArray();
    return new Labelled(
        new Examples(List.of(new Examples.Stream(STREAM, failing)), codons), targets);
  }

  private static final class Told implements TrainingObserver {
    private final List<Epoch> epochs = new ArrayList<>();
    private long steps;

    @Override
    public void stepsTaken(long count) {
      steps += count;
    }

    @Override
    public void epochEnded(Epoch epoch) {
      epochs.add(epoch);
    }
  }

  private static Trained train(
      TrainingSettings settings, Optional<TrainingCheckpoint> checkpoint, int readable) {
    FusionLearner learner =
        new FusionLearner(
            backend,
            MODEL,
            new Objective(Task.REGRESSION),
            data(EXAMPLES, 1, readable),
            data(9, 2, Integer.MAX_VALUE),
            outputs -> outputs[0][0],
            Integer::toString,
            settings.sequencesAtOnce());
    try (Parameters parameters =
        Parameters.initialiseTrainable(backend, MODEL.parameters(), settings.seed())) {
      Trainer<FusionLearner.Gathered> trainer = new Trainer<>(backend, learner, settings);
      Told told = new Told();
      Trainer.Result result = trainer.train(parameters, told, checkpoint);
      assertEquals(result.history(), told.epochs);
      assertEquals(trainer.steps() / settings.epochs() * result.history().size(), told.steps);
      return new Trained(result.history(), result.best().number(), parameters.snapshot());
    }
  }

  private Optional<TrainingCheckpoint> checkpoint(Duration interval) {
    return Optional.of(new TrainingCheckpoint(folder, TREE.toString(), interval));
  }

  private static void assertSame(Trained expected, Trained actual) {
    assertEquals(timeless(expected.history()), timeless(actual.history()));
    assertEquals(expected.best(), actual.best());
    assertEquals(expected.values().keySet(), actual.values().keySet());
    expected
        .values()
        .forEach((name, values) -> assertArrayEquals(values, actual.values().get(name), name));
  }

  private static List<Epoch> timeless(List<Epoch> history) {
    return history.stream()
        .map(
            e ->
                new Epoch(
                    e.number(),
                    e.learningRate(),
                    e.trainingLoss(),
                    e.validationLoss(),
                    e.validationMetric(),
                    0))
        .toList();
  }

  static Stream<TrainingSettings> protocols() {
    return Stream.of(
        new TrainingSettings(4, 6, 0.05, 1e-4, 2, 0, 0.5, 3),
        new TrainingSettings(
            4,
            6,
            4,
            true,
            0.05,
            new ScheduleSettings(ScheduleSettings.Kind.COSINE, 2, 5, 0.1),
            0,
            0.5,
            9,
            Precision.BFLOAT16,
            3));
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void whereverItIsInterrupted(TrainingSettings settings) throws IOException {
    Trained expected = train(settings, Optional.empty(), Integer.MAX_VALUE);
    for (int readable = 0; readable < 4 * EXAMPLES; readable += 7) {
      int reads = readable;
      if (reads < expected.history().size() * EXAMPLES) {
        assertThrows(Crash.class, () -> train(settings, checkpoint(Duration.ZERO), reads));
      }
      assertSame(expected, train(settings, checkpoint(Duration.ZERO), Integer.MAX_VALUE));
      // What is left is the end: asked again, it is the same once more.
      assertSame(expected, train(settings, checkpoint(Duration.ZERO), 0));
      clear();
    }
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void howeverOftenItIsInterrupted() throws IOException {
    TrainingSettings settings = protocols().findFirst().orElseThrow();
    Trained expected = train(settings, Optional.empty(), Integer.MAX_VALUE);
    int interruptions = 0;
    Trained resumed = null;
    while (resumed == null) {
      try {
        resumed = train(settings, checkpoint(Duration.ZERO), 15);
      } catch (Crash _) {
        interruptions++;
      }
    }
    assertTrue(interruptions > 3, interruptions + " interruptions");
    assertSame(expected, resumed);
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    assertEquals(3, names.size(), names.toString());
  }

  @Test
  void aCheckpointWaitsForItsTime() {
    TrainingSettings settings = protocols().findFirst().orElseThrow();
    train(settings, checkpoint(Duration.ofDays(1)), Integer.MAX_VALUE);
    assertFalse(TrainingCheckpoint.isIn(folder));
  }

  @Test
  void anotherTrainingIsRefusedWithWhatDiffers() {
    TrainingSettings settings = protocols().findFirst().orElseThrow();
    train(settings, checkpoint(Duration.ZERO), Integer.MAX_VALUE);
    ObjectNode other = TREE.deepCopy().put("seed", 6);
    other.putArray("streams").add("dna");
    TrainingCheckpoint checkpoint = new TrainingCheckpoint(folder, other.toString(), Duration.ZERO);

    CodonfuseException failure =
        assertThrows(
            CodonfuseException.class, () -> train(settings, Optional.of(checkpoint), 1000));

    assertTrue(
        failure.getMessage().contains("(seed 5 then, 6 now; streams absent then, [\"dna\"] now)"),
        failure.getMessage());
    assertTrue(TrainingCheckpoint.isIn(folder));
  }

  @Test
  void aDamagedCheckpointIsRefused() throws IOException {
    Files.writeString(folder.resolve(TrainingCheckpoint.FILE), "{\"format\": 1, \"training\": 3");
    TrainingSettings settings = protocols().findFirst().orElseThrow();

    CodonfuseException failure =
        assertThrows(
            CodonfuseException.class, () -> train(settings, checkpoint(Duration.ZERO), 1000));

    assertTrue(failure.getMessage().contains("is not a checkpoint"), failure.getMessage());
    assertTrue(failure.getMessage().contains("--overwrite"), failure.getMessage());
  }

  @Test
  void damagedTensorsOfACheckpointAreRefused() throws IOException {
    TrainingSettings settings = protocols().findFirst().orElseThrow();
    train(settings, checkpoint(Duration.ZERO), Integer.MAX_VALUE);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
      }
    }

    CheckpointException failure =
        assertThrows(
            CheckpointException.class, () -> train(settings, checkpoint(Duration.ZERO), 1000));

    assertTrue(
        failure.getMessage().contains(".safetensors: the tensors take "), failure.getMessage());
    assertTrue(
        failure
            .getMessage()
            .endsWith("so it is truncated); begin again with --overwrite instead of --resume."),
        failure.getMessage());
  }

  @Test
  void aLossThatIsNotFiniteLeavesNothingToGoOnWith() {
    TrainingSettings settings = new TrainingSettings(4, 6, 1e38, 0, 4, 5, 0.1, 3);

    assertThrows(CodonfuseException.class, () -> train(settings, checkpoint(Duration.ZERO), 1000));

    assertFalse(TrainingCheckpoint.isIn(folder));
  }
}
