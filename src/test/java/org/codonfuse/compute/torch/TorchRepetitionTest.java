package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Repetition;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Steps that are recorded where the device can: on the CPU each is computed as it comes. */
@Tag(TestBackends.TAG)
class TorchRepetitionTest extends TorchTest {
  private static final int WIDTH = 8;
  private static final int STEPS = 9;

  /** A model, its optimiser, and what its steps told. */
  private final class Model implements AutoCloseable {
    private final Scope owner = torch.newOwner();
    private final List<Tensor> parameters = new ArrayList<>();
    private final Optimizer optimizer;
    private final List<Float> told = new ArrayList<>();

    Model() {
      SplittableRandom random = new SplittableRandom(3);
      try (Scope scope = torch.openScope(Mode.TRAINING)) {
        for (Shape shape :
            List.of(Shape.of(WIDTH, WIDTH), Shape.of(WIDTH), Shape.of(6, WIDTH, 3), Shape.of(6))) {
          parameters.add(
              owner.adopt(torch.parameter(torch.tensor(drawn(random, shape.intSize()), shape))));
        }
      }
      optimizer = torch.adam(parameters, AdamOptions.of(0.01, 1e-4));
    }

    /**
     * A step on a batch of its own.
     *
     * @param factor of the loss
     */
    List<HostRead> step(int number, HostTensor values, Precision precision, double factor) {
      int positions = values.shape().intDim(1);
      SplittableRandom random = new SplittableRandom(number);
      optimizer.zeroGradients();
      try (Scope _ = torch.openScope(Mode.TRAINING, precision)) {
        Mask mask = torch.mask(new int[] {positions, 1 + number % positions}, positions);
        Tensor h =
            torch.unary(
                Unary.TANH,
                torch.linear(torch.tensor(values), parameters.get(0), parameters.get(1)));
        Tensor pooled =
            torch.convMax(
                torch.dropout(torch.maskedFill(h, mask, 0), 0.25),
                parameters.get(2),
                parameters.get(3),
                1,
                1,
                mask);
        Tensor target = torch.tensor(drawn(random, 12), Shape.of(2, 6));
        Tensor loss = torch.affine(torch.meanSquaredError(pooled, target), factor, 0);
        HostRead value = torch.read(loss);
        torch.backward(loss);
        HostRead norm = optimizer.clipGradients(0.5);
        optimizer.step(0.01 / number);
        return List.of(value, norm);
      }
    }

    void take(Repetition repetition, int number, int positions, Precision precision, double by) {
      torch.seed(100 + number);
      Shape shape = Shape.of(2, positions, WIDTH);
      try (HostTensor values = torch.hostTensor(shape)) {
        values.write(0, drawn(new SplittableRandom(-number), shape.intSize()), 0, shape.intSize());
        List<HostRead> reads =
            repetition.run(
                List.of(positions, precision), () -> step(number, values, precision, by));
        for (HostRead read : reads) {
          told.add(read.await()[0]);
          read.close();
        }
      }
    }

    float[] values() {
      try (Scope _ = torch.openScope(Mode.INFERENCE)) {
        List<float[]> all =
            Stream.concat(parameters.stream(), moments()).map(Tensor::toFloats).toList();
        float[] joined = new float[all.stream().mapToInt(each -> each.length).sum()];
        int at = 0;
        for (float[] each : all) {
          System.arraycopy(each, 0, joined, at, each.length);
          at += each.length;
        }
        return joined;
      }
    }

    private Stream<Tensor> moments() {
      List<Tensor> moments = new ArrayList<>();
      for (int i = 0; i < parameters.size(); i++) {
        Optimizer.Moments of = optimizer.moments(i);
        assertEquals(optimizer.steps(), of.steps());
        moments.add(of.first());
        moments.add(of.second());
      }
      return moments.stream();
    }

    @Override
    public void close() {
      optimizer.close();
      owner.close();
    }
  }

  private static float[] drawn(SplittableRandom random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @Test
  void stepsAreThoseThatAreTakenOneOperationAfterTheOther() {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      try (Model plain = new Model();
          Model repeated = new Model();
          Repetition repetition = torch.repetition()) {
        for (int i = 1; i <= STEPS; i++) {
          int positions = i % 3 == 0 ? 5 : 9;
          plain.take(Repetition.NONE, i, positions, precision, 1);
          repeated.take(repetition, i, positions, precision, 1);
          assertEquals(i, repeated.optimizer.steps());
        }
        assertEquals(plain.told, repeated.told);
        assertArrayEquals(plain.values(), repeated.values());
      }
    }
  }

  @Test
  void aStepThatComputesSomethingElseIsNotTakenForTheRecordedOne() {
    try (Model plain = new Model();
        Model repeated = new Model();
        Repetition repetition = torch.repetition()) {
      for (int i = 1; i <= STEPS; i++) {
        double factor = i == STEPS - 1 ? 0.25 : 1;
        plain.take(Repetition.NONE, i, 7, Precision.FLOAT32, factor);
        repeated.take(repetition, i, 7, Precision.FLOAT32, factor);
      }
      assertEquals(plain.told, repeated.told);
      assertArrayEquals(plain.values(), repeated.values());
      assertEquals(STEPS, repeated.optimizer.steps());
    }
  }

  @Test
  void aStepThatCannotBeRecordedIsTakenAllTheSame() {
    Segments pair = new Segments(new int[] {0, 2}, new int[] {0, 1}, new float[] {1, 2});
    try (Repetition repetition = torch.repetition()) {
      for (int i = 0; i < STEPS; i++) {
        float number = i;
        List<HostRead> reads =
            repetition.run(
                "sums",
                () -> {
                  try (Scope _ = torch.openScope(Mode.INFERENCE)) {
                    Tensor x = torch.tensor(new float[] {number, 1}, Shape.of(2, 1));
                    return List.of(torch.read(torch.segmentSum(x, pair)));
                  }
                });
        assertEquals(number + 2, reads.getFirst().await()[0]);
        reads.getFirst().close();
      }
    }
  }

  @Test
  void aStepThatWaitsForAResultIsTakenAllTheSame() {
    for (int from : List.of(1, STEPS - 1)) {
      List<Float> plain = sums(Repetition.NONE, from);
      try (Repetition repetition = torch.repetition()) {
        assertEquals(plain, sums(repetition, from));
      }
    }
  }

  /** Sums of what dropout left, of steps that fill one array for all inputs and wait some time. */
  private List<Float> sums(Repetition repetition, int waitsFrom) {
    List<Float> sums = new ArrayList<>();
    float[] input = new float[64];
    for (int i = 1; i <= STEPS; i++) {
      int number = i;
      torch.seed(number);
      List<HostRead> reads =
          repetition.run(
              "sums",
              () -> {
                try (Scope _ = torch.openScope(Mode.TRAINING)) {
                  Arrays.fill(input, number);
                  Tensor x = torch.tensor(input, Shape.of(64));
                  Arrays.fill(input, 2);
                  Tensor y = torch.tensor(input, Shape.of(64));
                  Tensor left = torch.dropout(torch.binary(Binary.MULTIPLY, x, y), 0.5);
                  Tensor sum = torch.sum(left, 0);
                  double factor = number >= waitsFrom ? 1 / Math.max(1, sum.item()) : 1;
                  return List.of(torch.read(torch.affine(sum, factor, 0)));
                }
              });
      sums.add(reads.getFirst().await()[0]);
      reads.getFirst().close();
    }
    return sums;
  }

  @Test
  void anOptimiserThatStepsTwiceIsNotRecorded() {
    for (Repetition repetition : List.of(Repetition.NONE, torch.repetition())) {
      try (repetition;
          Scope owner = torch.newOwner()) {
        Tensor weight;
        try (Scope _ = torch.openScope(Mode.TRAINING)) {
          weight = owner.adopt(torch.parameter(torch.full(1, Shape.of())));
        }
        try (Optimizer optimizer = torch.adam(List.of(weight), AdamOptions.of(0.01, 0))) {
          for (int i = 1; i <= STEPS; i++) {
            repetition.run(
                "twice",
                () -> {
                  optimizer.zeroGradients();
                  try (Scope _ = torch.openScope(Mode.TRAINING)) {
                    torch.backward(torch.affine(weight, 2, 0));
                  }
                  optimizer.step(0.5);
                  optimizer.step(0.25);
                  return List.of();
                });
            // A constant gradient moves by the learning rate.
            assertEquals(1 - 0.75 * i, weight.item(), 1e-4);
            assertEquals(2 * i, optimizer.steps());
          }
        }
      }
    }
  }

  @Test
  void everyShapeIsRecordedOnADeviceThatCan() {
    try (Model model = new Model();
        TorchRepetition repetition = (TorchRepetition) torch.repetition()) {
      for (int i = 1; i <= STEPS; i++) {
        model.take(repetition, i, 6, Precision.FLOAT32, 1);
      }
      boolean device = torch.device().kind() == Device.Kind.CUDA;
      assertEquals(device ? 1 : 0, repetition.recorded());
    }
  }

  @Test
  void nothingIsLeftOfRecordedSteps() {
    long before = TorchBackend.liveHandles();
    try (Model model = new Model();
        Repetition repetition = torch.repetition()) {
      for (int i = 1; i <= STEPS; i++) {
        model.take(repetition, i, 6, Precision.FLOAT32, 1);
      }
    }
    assertEquals(before, TorchBackend.liveHandles());
  }
}
