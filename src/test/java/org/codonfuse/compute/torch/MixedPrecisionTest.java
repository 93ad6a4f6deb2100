package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of float32 tensors with operands in bfloat16: near those in float32, never the same. */
class MixedPrecisionTest extends TorchTest {
  /** Operands lose 8 of 16 bits; errors of a sum of products average out. */
  private static final double TOLERANCE = 0.02;

  record Case(String name, List<Shape> inputs, Operation operation) {
    @Override
    public String toString() {
      return name;
    }
  }

  interface Operation {
    Tensor apply(TrainableBackend backend, List<Tensor> inputs);
  }

  static Stream<Case> cases() {
    return Stream.of(
        of("matmul", (b, x) -> b.matmul(x.get(0), x.get(1)), Shape.of(4, 9), Shape.of(9, 5)),
        of(
            "linear",
            (b, x) -> b.linear(x.get(0), x.get(1), x.get(2)),
            Shape.of(2, 4, 9),
            Shape.of(5, 9),
            Shape.of(5)),
        of(
            "linears",
            (b, x) ->
                b.concat(b.linears(x.get(0), x.subList(1, 3), List.of(x.get(3), x.get(4))), 2),
            Shape.of(2, 4, 9),
            Shape.of(5, 9),
            Shape.of(2, 9),
            Shape.of(5),
            Shape.of(2)),
        of(
            "conv1d",
            (b, x) -> b.conv1d(x.get(0), x.get(1), x.get(2), 1, 1),
            Shape.of(2, 6, 8),
            Shape.of(5, 8, 3),
            Shape.of(5)),
        of(
            "convMax",
            (b, x) -> b.convMax(x.get(0), x.get(1), x.get(2), 1, 1, b.mask(new int[] {1, 1}, 1)),
            Shape.of(2, 1, 8),
            Shape.of(5, 8, 3),
            Shape.of(5)),
        of(
            "convTranspose1d",
            (b, x) -> b.convTranspose1d(x.get(0), x.get(1), 2, 0),
            Shape.of(2, 6, 8),
            Shape.of(8, 5, 2)),
        of(
            "overlapping convTranspose1d",
            (b, x) -> b.convTranspose1d(x.get(0), x.get(1), 2, 2),
            Shape.of(2, 6, 8),
            Shape.of(8, 5, 3)),
        of(
            "attention",
            (b, x) ->
                b.attention(x.get(0), x.get(1), x.get(2), b.mask(new int[] {5, 3}, 5), 2, 0.3, 0.1),
            Shape.of(2, 4, 8),
            Shape.of(2, 5, 8),
            Shape.of(2, 5, 8)),
        of(
            "selfAttention",
            (b, x) -> b.selfAttention(x.get(0), Packing.of(3, 4), 2, 0.3, Optional.empty()),
            Shape.of(7, 24)));
  }

  private static Case of(String name, Operation operation, Shape... inputs) {
    return new Case(name, List.of(inputs), operation);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resultsAndGradientsAreCloseToThoseInFloat32(Case test) {
    List<float[]> exact = values(test, Precision.FLOAT32);
    List<float[]> rounded = values(test, Precision.BFLOAT16);
    for (int i = 0; i < exact.size(); i++) {
      double difference = 0;
      double size = 0;
      for (int j = 0; j < exact.get(i).length; j++) {
        difference += Math.pow(exact.get(i)[j] - rounded.get(i)[j], 2);
        size += Math.pow(exact.get(i)[j], 2);
      }
      double relative = Math.sqrt(difference / size);
      assertTrue(relative < TOLERANCE, test + ", " + i + ": " + relative);
      assertTrue(i > 0 || relative > 0, test + " is not rounded");
    }
  }

  /** The result and the gradients of all inputs. */
  private List<float[]> values(Case test, Precision products) {
    Random random = new Random(42);
    torch.seed(7);
    try (Scope scope = torch.openScope(Mode.TRAINING, products)) {
      assertEquals(products, scope.products());
      List<Tensor> parameters = new ArrayList<>();
      for (Shape shape : test.inputs) {
        float[] values = new float[shape.intSize()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        parameters.add(torch.parameter(torch.tensor(values, shape)));
      }
      Tensor result = test.operation.apply(torch, parameters);
      assertEquals(DType.FLOAT32, result.dtype());
      Shape flat = Shape.of(result.shape().size());
      float[] weights = new float[flat.intSize()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      Tensor weighted =
          torch.binary(Binary.MULTIPLY, torch.reshape(result, flat), torch.tensor(weights, flat));
      torch.backward(torch.sum(weighted, 0));
      List<float[]> values = new ArrayList<>(List.of(result.toFloats()));
      for (Tensor parameter : parameters) {
        Tensor gradient = torch.gradient(parameter).orElseThrow();
        assertEquals(DType.FLOAT32, gradient.dtype());
        values.add(gradient.toFloats());
      }
      return values;
    }
  }

  @Test
  void theScopeInsideIsFloat32Again() {
    try (Scope _ = torch.openScope(Mode.INFERENCE, Precision.BFLOAT16);
        Scope inner = torch.openScope(Mode.INFERENCE)) {
      assertEquals(Precision.FLOAT32, inner.products());
      Tensor x = torch.tensor(new float[] {1 + 1 / 1024f}, Shape.of(1, 1));
      Tensor one = torch.tensor(new float[] {1}, Shape.of(1, 1));
      assertEquals(1 + 1 / 1024f, torch.matmul(x, one).toFloats()[0]);
    }
  }

  @Test
  void float16IsRefused() {
    UnsupportedOperationException e =
        assertThrows(
            UnsupportedOperationException.class,
            () -> torch.openScope(Mode.TRAINING, Precision.FLOAT16));
    assertTrue(e.getMessage().contains("bfloat16"), e.getMessage());
  }
}
