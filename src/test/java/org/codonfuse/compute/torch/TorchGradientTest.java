package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every differentiable operation in float64 against central differences. */
@Tag(TestBackends.TAG)
class TorchGradientTest extends TorchTest {
  private static final double STEP = 1e-5;

  /**
   * An operation and the shapes of the inputs it is differentiated by.
   *
   * @param low inputs are uniform in [low, low + 2)
   */
  record Case(String name, double low, List<Shape> inputs, Mode mode, Operation operation) {
    @Override
    public String toString() {
      return name;
    }
  }

  interface Operation {
    Tensor apply(TrainableBackend backend, List<Tensor> inputs);
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Unary function : Unary.values()) {
      cases.add(
          of(
              function.name(),
              function == Unary.LOG ? 0.3 : -1,
              (b, x) -> b.unary(function, x.get(0)),
              Shape.of(3, 5)));
    }
    for (Binary function : Binary.values()) {
      cases.add(
          of(
              function.name(),
              0.5,
              (b, x) -> b.binary(function, x.get(0), x.get(1)),
              Shape.of(2, 3, 4),
              Shape.of(3, 1)));
    }
    cases.addAll(
        List.of(
            of("reshape", (b, x) -> b.reshape(x.get(0), Shape.of(4, 3)), Shape.of(2, 6)),
            of("transpose", (b, x) -> b.transpose(x.get(0), 0, 2), Shape.of(2, 3, 4)),
            of("narrow", (b, x) -> b.narrow(x.get(0), 1, 1, 2), Shape.of(2, 4, 3)),
            of("concat", (b, x) -> b.concat(x, 1), Shape.of(2, 3), Shape.of(2, 1)),
            of("affine", (b, x) -> b.affine(x.get(0), -1.7, 0.3), Shape.of(7)),
            of("clamp", (b, x) -> b.clamp(x.get(0), -0.4, 0.5), Shape.of(31)),
            of("sum", (b, x) -> b.sum(x.get(0), 1), Shape.of(2, 3, 4)),
            of("mean", (b, x) -> b.mean(x.get(0), -1), Shape.of(2, 3, 4)),
            of("softmax", (b, x) -> b.softmax(x.get(0)), Shape.of(3, 5)),
            of(
                "matmul",
                (b, x) -> b.matmul(x.get(0), x.get(1)),
                Shape.of(2, 3, 4),
                Shape.of(2, 4, 5)),
            of("linear", (b, x) -> b.linear(x.get(0), x.get(1)), Shape.of(2, 3, 4), Shape.of(5, 4)),
            of(
                "linear with bias",
                (b, x) -> b.linear(x.get(0), x.get(1), x.get(2)),
                Shape.of(3, 4),
                Shape.of(5, 4),
                Shape.of(5)),
            of(
                "layerNorm",
                (b, x) -> b.layerNorm(x.get(0), x.get(1), x.get(2), 1e-5),
                Shape.of(3, 6),
                Shape.of(6),
                Shape.of(6)),
            of("embedding", (b, x) -> b.embedding(x.get(0), ids(b, 2, 0, 2, 3)), Shape.of(5, 3)),
            of(
                "linear with a function and a gate",
                (b, x) ->
                    b.linear(
                        b.linear(
                            x.get(0),
                            x.get(1),
                            Optional.of(x.get(2)),
                            new Epilogue.Function(Unary.GELU)),
                        x.get(3),
                        Optional.empty(),
                        new Epilogue.Combination(Binary.MULTIPLY, x.get(0))),
                Shape.of(3, 4),
                Shape.of(5, 4),
                Shape.of(5),
                Shape.of(4, 5)),
            of(
                "selfAttention",
                (b, x) ->
                    b.selfAttention(
                        x.get(0),
                        Packing.of(3, 1, 1, 2),
                        2,
                        0.5,
                        Optional.of(new Rotation(cos(b), sin(b)))),
                Shape.of(7, 24)),
            of(
                "attention",
                (b, x) -> attention(b, x, mask(b), 0),
                Shape.of(2, 2, 4),
                Shape.of(2, 3, 4),
                Shape.of(2, 3, 4)),
            of(
                "attention over everything",
                (b, x) -> attention(b, x, b.mask(new int[] {3, 3}, 3), 0),
                Shape.of(2, 2, 4),
                Shape.of(2, 3, 4),
                Shape.of(2, 3, 4)),
            training(
                "attention with dropout",
                (b, x) -> attention(b, x, mask(b), 0.3),
                Shape.of(2, 2, 4),
                Shape.of(2, 3, 4),
                Shape.of(2, 3, 4)),
            of(
                "conv1d",
                (b, x) -> b.conv1d(x.get(0), x.get(1), x.get(2), 1, 2),
                Shape.of(2, 5, 3),
                Shape.of(4, 3, 3),
                Shape.of(4)),
            of(
                "linears",
                (b, x) ->
                    b.concat(
                        b.linears(
                            x.get(0), List.of(x.get(1), x.get(3)), List.of(x.get(2), x.get(4))),
                        1),
                Shape.of(2, 3),
                Shape.of(4, 3),
                Shape.of(4),
                Shape.of(1, 3),
                Shape.of(1)),
            of(
                "convMax",
                (b, x) -> b.convMax(x.get(0), x.get(1), x.get(2), 1, 2, mask(b)),
                Shape.of(2, 3, 18),
                Shape.of(19, 18, 4),
                Shape.of(19)),
            of(
                "convMax over many positions",
                (b, x) ->
                    b.convMax(x.get(0), x.get(1), x.get(2), 1, 2, b.mask(new int[] {60, 33}, 60)),
                Shape.of(2, 60, 3),
                Shape.of(5, 3, 4),
                Shape.of(5)),
            of(
                "convTranspose1d",
                (b, x) -> b.convTranspose1d(x.get(0), x.get(1), 2, 1),
                Shape.of(2, 4, 3),
                Shape.of(3, 2, 4)),
            of("maskedFill", (b, x) -> b.maskedFill(x.get(0), mask(b), 9), Shape.of(2, 3, 4)),
            of("maskedMean", (b, x) -> b.maskedMean(x.get(0), mask(b)), Shape.of(2, 3, 4)),
            of("maskedMax", (b, x) -> b.maskedMax(x.get(0), mask(b)), Shape.of(2, 3, 4)),
            of("segmentSum", (b, x) -> b.segmentSum(x.get(0), SEGMENTS), Shape.of(5, 3)),
            training("dropout", (b, x) -> b.dropout(x.get(0), 0.4), Shape.of(20)),
            of(
                "meanSquaredError",
                (b, x) -> b.meanSquaredError(x.get(0), x.get(1)),
                Shape.of(3, 4),
                Shape.of(3, 4)),
            of(
                "crossEntropy",
                (b, x) -> b.crossEntropy(x.get(0), ids(b, 2, 0, 1)),
                Shape.of(3, 4))));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAreThoseOfCentralDifferences(Case test) {
    Random random = new Random(42);
    List<double[]> inputs =
        test.inputs.stream()
            .map(shape -> random.doubles(shape.size(), test.low, test.low + 2).toArray())
            .toList();
    List<float[]> analytic = analytic(test, inputs);
    for (int i = 0; i < inputs.size(); i++) {
      for (int j = 0; j < inputs.get(i).length; j++) {
        double expected = difference(test, inputs, i, j);
        assertEquals(
            expected, analytic.get(i)[j], 2e-6 * (1 + Math.abs(expected)), "input " + i + ", " + j);
      }
    }
  }

  @Test
  void gradientsPassCasts() {
    try (Scope _ = torch.openScope(Mode.GRADIENT)) {
      Tensor x = torch.parameter(floats(1, 2, 3));
      Tensor weights = doubles(new double[] {4, 5, 6}, Shape.of(3));
      torch.backward(
          torch.sum(torch.binary(Binary.MULTIPLY, torch.cast(x, DType.FLOAT64), weights), 0));
      Tensor gradient = torch.gradient(x).orElseThrow();
      assertEquals(DType.FLOAT32, gradient.dtype());
      assertArrayEquals(new float[] {4, 5, 6}, gradient.toFloats());
    }
  }

  private List<float[]> analytic(Case test, List<double[]> inputs) {
    try (Scope _ = torch.openScope(test.mode)) {
      List<Tensor> parameters = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        parameters.add(torch.parameter(doubles(inputs.get(i), test.inputs.get(i))));
      }
      torch.backward(loss(test, parameters));
      return parameters.stream().map(p -> torch.gradient(p).orElseThrow().toFloats()).toList();
    }
  }

  /** The subtraction is done in float64, of which the quotient is read as float. */
  private double difference(Case test, List<double[]> inputs, int input, int element) {
    try (Scope _ = torch.openScope(test.mode)) {
      Tensor[] losses = new Tensor[2];
      for (int side = 0; side < 2; side++) {
        List<Tensor> moved = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
          double[] values = inputs.get(i).clone();
          if (i == input) {
            values[element] += side == 0 ? STEP : -STEP;
          }
          moved.add(doubles(values, test.inputs.get(i)));
        }
        losses[side] = loss(test, moved);
      }
      Tensor difference = torch.binary(Binary.SUBTRACT, losses[0], losses[1]);
      return torch.affine(difference, 1 / (2 * STEP), 0).item();
    }
  }

  /** A weighted sum of the results, so that each of them counts differently. */
  private Tensor loss(Case test, List<Tensor> inputs) {
    torch.seed(7);
    Tensor result = test.operation.apply(torch, inputs);
    Shape flat = Shape.of(result.shape().size());
    Tensor weights = doubles(new Random(3).doubles(flat.size(), -1, 1).toArray(), flat);
    return torch.sum(torch.binary(Binary.MULTIPLY, torch.reshape(result, flat), weights), 0);
  }

  private static final Segments SEGMENTS =
      new Segments(
          new int[] {0, 2, 2, 5}, new int[] {0, 3, 1, 3, 4}, new float[] {0.5f, 0.25f, 1, 2, -1});

  private static Case of(String name, Operation operation, Shape... inputs) {
    return of(name, -1, operation, inputs);
  }

  private static Case of(String name, double low, Operation operation, Shape... inputs) {
    return new Case(name, low, List.of(inputs), Mode.GRADIENT, operation);
  }

  private static Case training(String name, Operation operation, Shape... inputs) {
    return new Case(name, -1, List.of(inputs), Mode.TRAINING, operation);
  }

  private static Tensor attention(
      TrainableBackend backend, List<Tensor> x, Mask keys, double dropout) {
    return backend.attention(x.get(0), x.get(1), x.get(2), keys, 2, 0.7, dropout);
  }

  private static Tensor ids(TrainableBackend backend, long... values) {
    return backend.tensor(values, Shape.of(values.length));
  }

  private static Mask mask(TrainableBackend backend) {
    return backend.mask(new int[] {2, 3}, 3);
  }

  private static Tensor cos(TrainableBackend backend) {
    return angles(backend, Math.PI / 2);
  }

  private static Tensor sin(TrainableBackend backend) {
    return angles(backend, 0);
  }

  private static Tensor angles(TrainableBackend backend, double phase) {
    float[] values = new float[12];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.7 + phase);
    }
    return backend.tensor(values, Shape.of(3, 4));
  }
}
