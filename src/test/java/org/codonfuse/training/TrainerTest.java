package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag(TestBackends.TAG)
@RequiresTorch
class TrainerTest {
  private static final int WIDTH = 3;
  private static final StreamSpec STREAM =
      new StreamSpec("rna", Molecule.RNA, WIDTH, Granularity.TOKEN);
  private static final TrainingSettings SETTINGS =
      new TrainingSettings(40, 8, 0.05, 0, 40, 40, 0.1, 1);

  private static TrainableBackend backend;

  @BeforeAll
  static void open() {
    backend = TestBackends.openTrainable();
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private record Trained(
      Trainer.Result result, Map<String, float[]> values, double[][] validationOutputs) {}

  private static Trained train(
      FusionModel model,
      Task task,
      TrainingSettings settings,
      Labelled training,
      Labelled validation) {
    try (Parameters parameters =
        Parameters.initialiseTrainable(backend, model.parameters(), settings.seed())) {
      Trainer.Result result =
          new Trainer<>(backend, learner(model, task, training, validation), settings)
              .train(parameters, _ -> {});
      return new Trained(
          result,
          parameters.snapshot(),
          new Predictor(backend, model, 5).predict(parameters, validation.examples()));
    }
  }

  private static FusionLearner learner(
      FusionModel model, Task task, Labelled training, Labelled validation) {
    return new FusionLearner(
        backend, model, new Objective(task), training, validation, _ -> 0, Integer::toString, 8);
  }

  /** A learner whose hidden layer has no learning rate, and all else twice the usual one. */
  private record HiddenStays<P extends Learner.Part>(Learner<P> of) implements Learner<P> {
    @Override
    public int terms() {
      return of.terms();
    }

    @Override
    public int size() {
      return of.size();
    }

    @Override
    public int length(int example) {
      return of.length(example);
    }

    @Override
    public String name(int example) {
      return of.name(example);
    }

    @Override
    public double rateFactor(String parameter) {
      return parameter.startsWith("head.hidden") ? 0 : 2;
    }

    @Override
    public P gather(int epoch, int[] members) {
      return of.gather(epoch, members);
    }

    @Override
    public HostRead accumulate(Step step, Parameters parameters, P part, double[] shares) {
      return of.accumulate(step, parameters, part, shares);
    }

    @Override
    public Evaluation evaluate(int epoch, Parameters parameters) {
      return of.evaluate(epoch, parameters);
    }
  }

  private static FusionModel model(double dropout, int outputs) {
    return new FusionModel(new UnimodalFusion(STREAM), new MlpHead(WIDTH, 8, dropout, outputs));
  }

  /** Sequences of one to four rows; the target is known from the mean of their first values. */
  private static Labelled data(int size, Task task, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] rows = new float[size][];
    double[] targets = new double[size];
    for (int i = 0; i < size; i++) {
      int length = 1 + i % 4;
      rows[i] = new float[length * WIDTH];
      double mean = 0;
      for (int t = 0; t < rows[i].length; t++) {
        rows[i][t] = (float) random.nextGaussian();
        mean += t % WIDTH == 0 ? rows[i][t] / length : 0;
      }
      targets[i] = task == Task.REGRESSION ? mean : mean > 0 ? 1 : 0;
    }
    int[] codons = Arrays.stream(rows).mapToInt(row -> row.length / WIDTH).toArray();
    return new Labelled(Examples.of(List.of(STREAM), new float[][][] {rows}, codons), targets);
  }

  private static TrainingSettings settings(int epochs, int batch, double rate, long seed) {
    return new TrainingSettings(epochs, batch, rate, 0, epochs, epochs, 0.1, seed);
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> values) {
    assertEquals(expected.keySet(), values.keySet());
    expected.forEach((name, of) -> assertArrayEquals(of, values.get(name), name));
  }

  @Test
  void learnsNumbers() {
    Labelled training = data(64, Task.REGRESSION, 1);

    Trained trained = train(model(0, 1), Task.REGRESSION, SETTINGS, training, training);

    assertTrue(trained.result().best().validationLoss() < 0.02, trained.result()::toString);
  }

  @Test
  void learnsClasses() {
    Labelled training = data(64, Task.CLASSIFICATION, 1);

    TrainingSettings settings = settings(30, 64, 0.1, 1);

    Trained trained = train(model(0, 2), Task.CLASSIFICATION, settings, training, training);

    double[][] logits = trained.validationOutputs();
    for (int i = 0; i < logits.length; i++) {
      assertEquals(training.targets()[i], logits[i][1] > logits[i][0] ? 1 : 0);
    }
  }

  @Test
  void theSeedDecidesEveryBit() {
    Labelled training = data(20, Task.REGRESSION, 1);
    List<Map<String, float[]>> runs = new ArrayList<>();
    for (long seed : new long[] {7, 7, 8}) {
      runs.add(
          train(model(0.5, 1), Task.REGRESSION, settings(3, 6, 0.05, seed), training, training)
              .values());
    }

    assertSame(runs.get(0), runs.get(1));
    assertFalse(
        Arrays.equals(
            runs.get(0).get("head.hidden.weight"), runs.get(2).get("head.hidden.weight")));
  }

  @Test
  void stopsEarlyWithTheBestEpochsParameters() {
    Labelled training = data(40, Task.REGRESSION, 1);
    Labelled same = data(20, Task.REGRESSION, 2);
    // What is learned makes these worse once the outputs are larger than their targets.
    double[] shrunk = Arrays.stream(same.targets()).map(target -> target / 3).toArray();
    Labelled validation = new Labelled(same.examples(), shrunk);
    TrainingSettings settings = new TrainingSettings(200, 8, 0.02, 0, 4, 100, 0.1, 1);

    Trained trained = train(model(0, 1), Task.REGRESSION, settings, training, validation);

    Trainer.Result result = trained.result();
    assertEquals(result.best().number() + 4, result.history().size());
    assertTrue(result.best().number() > 1 && result.history().size() < 200, result::toString);
    assertEquals(
        result.history().stream().mapToDouble(Epoch::validationLoss).min().orElseThrow(),
        result.best().validationLoss());
    assertEquals(
        result.best().validationLoss(),
        new Objective(Task.REGRESSION).taskLoss(trained.validationOutputs(), shrunk),
        1e-7);
  }

  @Test
  void lowersTheLearningRateOnAPlateau() {
    Labelled training = data(8, Task.REGRESSION, 1);
    double[] outOfReach = new double[8];
    Arrays.fill(outOfReach, 1e4);
    Labelled validation = new Labelled(training.examples(), outOfReach);
    TrainingSettings settings = new TrainingSettings(7, 8, 1e-5, 0, 9, 2, 0.1, 1);

    Trained trained = train(model(0, 1), Task.REGRESSION, settings, training, validation);

    assertArrayEquals(
        new double[] {1e-5, 1e-5, 1e-5, 1e-5, 1e-6, 1e-6, 1e-6},
        trained.result().history().stream().mapToDouble(Epoch::learningRate).toArray(),
        1e-12);
  }

  @Test
  void aTrainingLossThatIsNotFiniteStopsIt() {
    Labelled training = data(8, Task.REGRESSION, 1);
    TrainingSettings settings = settings(3, 4, 1e38, 1);

    CodonfuseException failure =
        assertThrows(
            CodonfuseException.class,
            () -> train(model(0, 1), Task.REGRESSION, settings, training, training));

    assertTrue(
        failure
            .getMessage()
            .matches(
                "The (training loss|gradient's norm) became \\S+ in epoch 1, batch [12] \\('\\d',"
                    + " .*, …\\); .*"),
        failure.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void aValidationLossThatIsNotFiniteStopsIt(Task task) {
    Labelled training = data(8, task, 1);
    float[][] rows = {{1, 2, 3}, {1, Float.NaN, 3}};
    Examples broken = Examples.of(List.of(STREAM), new float[][][] {rows}, new int[] {1, 1});
    Labelled validation = new Labelled(broken, new double[] {0, 1});

    CodonfuseException failure =
        assertThrows(
            CodonfuseException.class,
            () ->
                train(
                    model(0, task == Task.REGRESSION ? 1 : 2),
                    task,
                    settings(3, 4, 0.01, 1),
                    training,
                    validation));

    assertTrue(
        failure.getMessage().startsWith("The validation loss became NaN after epoch 1; lower"),
        failure.getMessage());
  }

  @Test
  void aBatchLargerThanTheDataIsAllOfIt() {
    Labelled training = data(9, Task.REGRESSION, 1);

    assertSame(
        train(model(0.3, 1), Task.REGRESSION, settings(3, 9, 0.05, 1), training, training).values(),
        train(
                model(0.3, 1),
                Task.REGRESSION,
                settings(3, Integer.MAX_VALUE, 0.05, 1),
                training,
                training)
            .values());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5})
  void theTrainingLossIsTheMeanOverExamplesWhateverTheBatches(int batch) {
    Labelled training = data(9, Task.REGRESSION, 1);
    // Too small a rate to change a parameter: every batch sees the same model.
    TrainingSettings settings = settings(1, batch, 1e-30, 1);

    Trained trained = train(model(0, 1), Task.REGRESSION, settings, training, training);

    Epoch only = trained.result().best();
    assertEquals(only.validationLoss(), only.trainingLoss(), 1e-6);
  }

  @Test
  void aParameterWithoutALearningRateStays() {
    Labelled training = data(9, Task.REGRESSION, 1);
    FusionModel model = model(0, 1);
    Learner<FusionLearner.Gathered> learner =
        new HiddenStays<>(learner(model, Task.REGRESSION, training, training));
    try (Parameters parameters = Parameters.initialiseTrainable(backend, model.parameters(), 1)) {
      Map<String, float[]> before = parameters.snapshot();
      new Trainer<>(backend, learner, settings(1, 9, 0.05, 1)).train(parameters, _ -> {});

      parameters
          .snapshot()
          .forEach(
              (name, values) -> {
                boolean stays = name.startsWith("head.hidden");
                assertEquals(stays, Arrays.equals(before.get(name), values), name);
                if (!stays) {
                  // The first step of Adam is as long as the learning rate.
                  assertEquals(0.1, Math.abs(values[0] - before.get(name)[0]), 1e-4, name);
                }
              });
    }
  }

  @Test
  void dropoutIsForTrainingAlone() {
    Examples examples = data(12, Task.REGRESSION, 1).examples();
    FusionModel dropping = model(0.9, 1);
    try (Parameters parameters = Parameters.initialise(backend, dropping.parameters(), 1)) {
      double[][] expected = new Predictor(backend, model(0, 1), 4).predict(parameters, examples);
      double[][] predicted = new Predictor(backend, dropping, 4).predict(parameters, examples);

      assertArrayEquals(expected, predicted);
      assertFalse(
          Arrays.equals(
              forward(dropping, parameters, examples, Mode.INFERENCE),
              forward(dropping, parameters, examples, Mode.TRAINING)));
    }
  }

  private static float[] forward(
      FusionModel model, Parameters parameters, Examples examples, Mode mode) {
    backend.seed(3);
    try (Scope _ = backend.openScope(mode)) {
      int[] all = IntStream.range(0, examples.size()).toArray();
      return model.forward(backend, parameters, examples.batch(backend, all)).values().toFloats();
    }
  }

  @Test
  void predictionsDoNotDependOnTheBatch() {
    Examples examples = data(13, Task.REGRESSION, 1).examples();
    FusionModel model = model(0, 2);
    try (Parameters parameters = Parameters.initialise(backend, model.parameters(), 1)) {
      double[][] alone = new Predictor(backend, model, 1).predict(parameters, examples);
      double[][] together = new Predictor(backend, model, 100).predict(parameters, examples);

      for (int i = 0; i < alone.length; i++) {
        assertArrayEquals(alone[i], together[i], 1e-6, "example " + i);
      }
    }
  }
}
