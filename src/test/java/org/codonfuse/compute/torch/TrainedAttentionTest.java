package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention with dropout, which is differentiated by a kernel of our own on the CPU. */
class TrainedAttentionTest extends TorchTest {
  private static final int HEADS = 2;
  private static final double SCALE = 0.4;

  /** So little that nothing is dropped, but not none, for which LibTorch has a kernel. */
  private static final double HARDLY = 1e-9;

  private record Inputs(List<float[]> values, List<Shape> shapes, int[] valid) {
    static Inputs of(int batch, int queries, int keys, int width, int[] valid) {
      Random random = new Random(5);
      List<Shape> shapes =
          List.of(
              Shape.of(batch, queries, HEADS * width),
              Shape.of(batch, keys, HEADS * width),
              Shape.of(batch, keys, HEADS * width));
      List<float[]> values = new ArrayList<>();
      for (Shape shape : shapes) {
        float[] drawn = new float[shape.intSize()];
        for (int i = 0; i < drawn.length; i++) {
          drawn[i] = (float) random.nextGaussian();
        }
        values.add(drawn);
      }
      return new Inputs(values, shapes, valid);
    }

    Shape keys() {
      return shapes.get(1);
    }
  }

  /** The result, the loss and the gradients of queries, keys and values. */
  private record Results(float[] values, double loss, List<float[]> gradients) {}

  private Results differentiate(Inputs inputs, double dropout, long seed) {
    torch.seed(seed);
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      List<Tensor> parameters = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        parameters.add(
            torch.parameter(torch.tensor(inputs.values().get(i), inputs.shapes().get(i))));
      }
      Tensor result =
          torch.attention(
              parameters.get(0),
              parameters.get(1),
              parameters.get(2),
              torch.mask(inputs.valid(), inputs.keys().intDim(1)),
              HEADS,
              SCALE,
              dropout);
      Shape flat = Shape.of(result.shape().size());
      float[] weights = new float[flat.intSize()];
      Random random = new Random(9);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      Tensor loss =
          torch.sum(
              torch.binary(
                  Binary.MULTIPLY, torch.reshape(result, flat), torch.tensor(weights, flat)),
              0);
      torch.backward(loss);
      return new Results(
          result.toFloats(),
          loss.item(),
          parameters.stream().map(p -> torch.gradient(p).orElseThrow().toFloats()).toList());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 3", "3, 5, 16, 4", "2, 7, 33, 8", "40, 60, 170, 6"})
  void withoutDroppingItIsWhatLibTorchComputes(int batch, int queries, int keys, int width) {
    for (boolean full : new boolean[] {true, false}) {
      int[] valid = new int[batch];
      Arrays.setAll(valid, b -> full ? keys : Math.max(1, keys - 3 * b % keys));
      Inputs inputs = Inputs.of(batch, queries, keys, width, valid);
      Results expected = differentiate(inputs, 0, 1);
      Results actual = differentiate(inputs, HARDLY, 1);
      assertArrayEquals(expected.values(), actual.values(), 1e-5f);
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(
            expected.gradients().get(i), actual.gradients().get(i), 5e-5f, "input " + i);
      }
    }
  }

  @Test
  void weightsAreDroppedAndOthersRaised() {
    Inputs inputs = Inputs.of(4, 50, 90, 1, new int[] {90, 90, 90, 90});
    Arrays.fill(inputs.values().get(2), 1);
    double sum = 0;
    float[] values = differentiate(inputs, 0.3, 1).values();
    for (float value : values) {
      sum += value;
    }
    assertEquals(1, sum / values.length, 0.02);
    assertArrayEquals(values, differentiate(inputs, 0.3, 1).values());
    assertFalse(Arrays.equals(values, differentiate(inputs, 0.3, 2).values()));
  }

  @Test
  void gradientsAreOfWhatWasNotDropped() {
    Inputs inputs = Inputs.of(3, 4, 19, 3, new int[] {19, 2, 11});
    Results results = differentiate(inputs, 0.4, 3);
    for (int i = 0; i < 3; i++) {
      // Along one random direction, which is large where single differences would be rounded away.
      float[] before = inputs.values().get(i).clone();
      Random random = new Random(i);
      double expected = 0;
      float[] direction = new float[before.length];
      for (int j = 0; j < before.length; j++) {
        direction[j] = (float) random.nextGaussian() / 200;
        expected += (double) direction[j] * results.gradients().get(i)[j];
      }
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        for (int j = 0; j < before.length; j++) {
          inputs.values().get(i)[j] = before[j] + (side == 0 ? 1 : -1) * direction[j];
        }
        losses[side] = differentiate(inputs, 0.4, 3).loss();
      }
      System.arraycopy(before, 0, inputs.values().get(i), 0, before.length);
      assertEquals(expected, (losses[0] - losses[1]) / 2, 2e-3 * (1 + Math.abs(expected)));
    }
  }
}
