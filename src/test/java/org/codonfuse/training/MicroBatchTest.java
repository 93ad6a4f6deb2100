package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.GatedMilFusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.FusionLearner.Labelled;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However a batch is parted, its gradients are those of the whole batch. */
@Tag(TestBackends.TAG)
@RequiresTorch
class MicroBatchTest {
  private static final int WIDTH = 3;
  private static final int EXAMPLES = 11;
  private static final List<StreamSpec> STREAMS =
      List.of(
          new StreamSpec("rna", Molecule.RNA, WIDTH, Granularity.CODON),
          new StreamSpec("protein", Molecule.PROTEIN, WIDTH, Granularity.CODON));

  /** Every batch sees the parameters it began with. */
  private static final double NO_RATE = 1e-30;

  private static TrainableBackend backend;

  @BeforeAll
  static void open() {
    backend = TestBackends.openTrainable();
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private record Case(String name, Fusion fusion, Objective objective, double[] targets) {
    @Override
    public String toString() {
      return name;
    }

    int outputs() {
      return name.contains("classes") ? 3 : targets.length / EXAMPLES;
    }
  }

  static Stream<Case> cases() {
    SplittableRandom random = new SplittableRandom(5);
    double[] two = random.doubles(2 * EXAMPLES, -1, 1).toArray();
    // One example has no target at all.
    for (int missing : new int[] {1, 2, 3, 8, 13, 21}) {
      two[missing] = Double.NaN;
    }
    double[] classes = random.ints(EXAMPLES, 0, 3).asDoubleStream().toArray();
    List<Double> weights = List.of(0.2, 1.7, 4.0);
    return Stream.of(
        new Case("missing targets", mil(0), new Objective(Task.REGRESSION), two),
        new Case("weighted classes", mil(0), new Objective(Task.CLASSIFICATION, weights), classes),
        new Case("missing targets and entropy", mil(0.7), new Objective(Task.REGRESSION), two),
        new Case(
            "weighted classes and entropy",
            mil(0.7),
            new Objective(Task.CLASSIFICATION, weights),
            classes),
        new Case(
            "classes",
            new UnimodalFusion(STREAMS.getFirst()),
            new Objective(Task.CLASSIFICATION),
            classes));
  }

  private static Fusion mil(double entropy) {
    return new GatedMilFusion(
        STREAMS, new FusionConfig.Mil(6, 4, entropy, false, false, Upsampling.EXACT));
  }

  private static Examples examples(Fusion fusion) {
    SplittableRandom random = new SplittableRandom(1);
    int[] codons = IntStream.range(0, EXAMPLES).map(i -> 1 + i * 7 % 5).toArray();
    float[][][] rows = new float[fusion.streams().size()][EXAMPLES][];
    for (float[][] stream : rows) {
      for (int i = 0; i < EXAMPLES; i++) {
        stream[i] = new float[codons[i] * WIDTH];
        for (int t = 0; t < stream[i].length; t++) {
          stream[i][t] = (float) random.nextGaussian();
        }
      }
    }
    return Examples.of(fusion.streams(), rows, codons);
  }

  private static TrainingSettings settings(int batch, int microBatch) {
    return new TrainingSettings(
        1,
        batch,
        microBatch,
        false,
        NO_RATE,
        new ScheduleSettings(ScheduleSettings.Kind.CONSTANT, 0, 5, 0.1),
        0,
        0,
        1,
        Precision.FLOAT32,
        3);
  }

  private record Stepped(double loss, Map<String, float[]> gradients) {}

  /** A training of one step, and the gradients it leaves. */
  private static Stepped step(Case of, double dropout, int microBatch) {
    FusionModel model =
        new FusionModel(of.fusion, new MlpHead(of.fusion.width(), 5, dropout, of.outputs()));
    Labelled data = new Labelled(examples(of.fusion), of.targets);
    FusionLearner learner =
        new FusionLearner(
            backend, model, of.objective, data, data, _ -> 0, Integer::toString, EXAMPLES);
    try (Parameters parameters = Parameters.initialiseTrainable(backend, model.parameters(), 2)) {
      Trainer.Result result =
          new Trainer<>(backend, learner, settings(EXAMPLES, microBatch))
              .train(parameters, _ -> {});
      Map<String, float[]> gradients = new LinkedHashMap<>();
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        for (String name : parameters.names()) {
          gradients.put(name, backend.gradient(parameters.get(name)).orElseThrow().toFloats());
        }
      }
      return new Stepped(result.best().trainingLoss(), gradients);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasTheGradientsOfTheWholeBatch(Case of) {
    Stepped whole = step(of, 0, 0);
    for (int microBatch : new int[] {1, 2, 3, 4, 10, EXAMPLES, 50}) {
      Stepped parts = step(of, 0, microBatch);

      assertEquals(whole.loss, parts.loss, 1e-6 * whole.loss, "loss of " + microBatch);
      whole.gradients.forEach(
          (name, expected) -> {
            float[] gradient = parts.gradients.get(name);
            double norm = norm(expected);
            double difference =
                norm(
                    IntStream.range(0, expected.length)
                        .mapToDouble(i -> gradient[i] - expected[i])
                        .toArray());
            assertTrue(
                difference <= 1e-6 * Math.max(norm, 1e-3),
                "%s in parts of %d: %s of %s".formatted(name, microBatch, difference, norm));
          });
    }
  }

  @Test
  void everyPartHasADropoutOfItsOwnThatTheSeedDecides() {
    Case of = cases().findFirst().orElseThrow();

    assertEquals(step(of, 0.5, 4).loss, step(of, 0.5, 4).loss);
    assertTrue(Math.abs(step(of, 0.5, 4).loss - step(of, 0.5, 0).loss) > 1e-6);
  }

  private static double norm(float[] values) {
    return norm(IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
  }
}
