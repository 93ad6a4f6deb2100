package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Results are the same interpreted and compiled: not every operation of the Vector API promises so.
 */
class WarmUpTest {
  private static final int ROWS = 48;
  private static final int WIDTH = 96;

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void resultsStayTheSameWhileCodeIsCompiled(int bits) {
    Random random = new Random(1);
    float[] values = new float[ROWS * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    // Classes of its own, which nothing has compiled before.
    try (Backend backend = new ForcedWidth(bits).open(1);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor x = backend.tensor(values, Shape.of(ROWS, WIDTH));
      Tensor ones = backend.full(1, Shape.of(WIDTH));
      Packing packing = Packing.of(ROWS);
      List<UnaryOperator<Tensor>> operations =
          List.of(
              each -> backend.layerNorm(each, ones, ones, 1e-5),
              backend::softmax,
              each -> backend.mean(each, 1),
              each -> backend.selfAttention(each, packing, 2, 0.25, Optional.empty()));
      for (UnaryOperator<Tensor> operation : operations) {
        float[] first = operation.apply(x).toFloats();
        for (int i = 0; i < 250; i++) {
          try (Scope _ = backend.openScope(Mode.INFERENCE)) {
            assertArrayEquals(first, operation.apply(x).toFloats());
          }
        }
      }
    }
  }
}
