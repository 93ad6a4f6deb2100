package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.TestGroups;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.fusion.ConcatFusion;
import org.codonfuse.fusion.CrossAttentionFusion;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.GatedMilFusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.FusionLearner.Labelled;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However many processes share the batches, the training is that of one. */
@RequiresTorch
class SharedTrainingTest {
  private static final int WIDTH = 6;
  private static final int EXAMPLES = 45;

  /** Ten batches an epoch, the last of one sequence: some processes have nothing of that. */
  private static final int BATCH = 4;

  private static final int STEPS = 50;
  private static final List<StreamSpec> STREAMS =
      List.of(
          new StreamSpec("rna", Molecule.RNA, WIDTH, Granularity.CODON),
          new StreamSpec("protein", Molecule.PROTEIN, WIDTH, Granularity.CODON));

  @TempDir Path folder;

  static Stream<Fusion> fusions() {
    return Stream.of(
        new ConcatFusion(STREAMS, new FusionConfig.Concat(WIDTH, Upsampling.EXACT)),
        new GatedMilFusion(
            STREAMS, new FusionConfig.Mil(8, 4, 0.5, false, false, Upsampling.EXACT)),
        new CrossAttentionFusion(
            STREAMS, new FusionConfig.CrossAttention(8, 2, 0, Upsampling.EXACT)));
  }

  private static Labelled data(Fusion fusion, int examples, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] codons = IntStream.range(0, examples).map(i -> 3 + i * 7 % 11).toArray();
    float[][][] rows = new float[fusion.streams().size()][examples][];
    for (float[][] stream : rows) {
      for (int i = 0; i < examples; i++) {
        stream[i] = new float[codons[i] * WIDTH];
        for (int t = 0; t < stream[i].length; t++) {
          stream[i][t] = (float) random.nextGaussian();
        }
      }
    }
    return new Labelled(
        Examples.of(fusion.streams(), rows, codons),
        IntStream.range(0, examples).mapToDouble(i -> rows[0][i][0] - rows[1][i][1]).toArray());
  }

  private record Trained(double[] losses, double[] validation, float[] parameters, boolean saved) {}

  private static Trained train(
      Fusion fusion, TrainableBackend backend, ProcessGroup group, BooleanSupplier stop, Path kept)
      throws IOException {
    Files.createDirectories(kept);
    Labelled training = data(fusion, EXAMPLES, 1);
    FusionModel model =
        new FusionModel(fusion, new TextCnnHead(fusion.width(), 8, List.of(2, 3), 4, 0, 1));
    FusionLearner learner =
        new FusionLearner(
            backend,
            model,
            new Objective(Task.REGRESSION),
            training,
            data(fusion, 7, 2),
            outputs -> outputs[0][0],
            Integer::toString,
            2,
            TunedEncoders.none(backend),
            1,
            group);
    int epochs = Math.ceilDiv(STEPS, Math.ceilDiv(EXAMPLES, BATCH));
    TrainingSettings settings =
        new TrainingSettings(
                epochs,
                BATCH,
                0,
                true,
                1e-3,
                new ScheduleSettings(ScheduleSettings.Kind.CONSTANT, 0, 5, 0.1),
                0,
                1,
                epochs,
                Precision.FLOAT32,
                3)
            .sharedBy(group.size());
    List<Epoch> history = new ArrayList<>();
    boolean saved = false;
    TrainingCheckpoint checkpoint = new TrainingCheckpoint(kept, "{}", Duration.ofDays(1));
    try (Parameters parameters = Parameters.initialiseTrainable(backend, model.parameters(), 2)) {
      try {
        new Trainer<>(backend, learner, settings, group, stop)
            .train(parameters, history::add, Optional.of(checkpoint));
      } catch (TrainingStopped e) {
        saved = TrainingCheckpoint.isIn(kept);
      }
      List<float[]> all = new ArrayList<>(parameters.snapshot().values());
      float[] flat = new float[all.stream().mapToInt(each -> each.length).sum()];
      int offset = 0;
      for (float[] each : all) {
        System.arraycopy(each, 0, flat, offset, each.length);
        offset += each.length;
      }
      return new Trained(
          history.stream().mapToDouble(Epoch::trainingLoss).toArray(),
          history.stream().mapToDouble(Epoch::validationLoss).toArray(),
          flat,
          saved);
    }
  }

  @ParameterizedTest
  @MethodSource("fusions")
  void isTheTrainingOfOneProcess(Fusion fusion) throws Exception {
    Trained alone;
    try (TrainableBackend backend = TestBackends.openTrainable()) {
      alone = train(fusion, backend, ProcessGroup.alone(), () -> false, folder.resolve("1"));
    }

    assertTrue(alone.losses[alone.losses.length - 1] < alone.losses[0]);
    for (int size : new int[] {2, 3}) {
      List<Trained> shared =
          TestGroups.run(
              size,
              (backend, group) ->
                  train(fusion, backend, group, () -> false, folder.resolve("" + size)));
      for (Trained each : shared) {
        assertArrayEquals(alone.losses, each.losses, 1e-5);
        assertArrayEquals(alone.validation, each.validation, 1e-5);
        assertArrayEquals(shared.getFirst().parameters, each.parameters, "all have the same bits");
      }
    }
  }

  @Test
  void oneThatIsToStopStopsAllAtTheSameStep() throws Exception {
    Fusion fusion = fusions().findFirst().orElseThrow();
    AtomicInteger asked = new AtomicInteger();
    List<Trained> shared =
        TestGroups.run(
            2,
            (backend, group) ->
                train(
                    fusion,
                    backend,
                    group,
                    () -> group.rank() == 1 && asked.incrementAndGet() == 15,
                    folder.resolve("stopped")));

    assertEquals(1, shared.getFirst().losses.length);
    for (Trained each : shared) {
      assertTrue(each.saved, "nobody leaves before the checkpoint is there");
      assertArrayEquals(shared.getFirst().parameters, each.parameters);
    }
  }

  @Test
  void aShareOfABatchIsAnEqualOne() {
    TrainingSettings settings = new TrainingSettings(1, 32, 1e-3, 0, 1, 5, 0.1, 1);

    Assertions.assertSame(settings, settings.sharedBy(1));
    assertEquals(11, settings.sharedBy(3).sequencesAtOnce());
  }
}
