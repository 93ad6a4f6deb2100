package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with weights that are not trained, beside those with the weights as they are. */
@Tag(TestBackends.TAG)
class FrozenWeightTest extends TorchTest {
  private static final int ROWS = 37;
  private static final int IN = 33;
  private static final int OUT = 65;

  private enum End {
    NOTHING,
    GELU,
    SUM,
    PRODUCT
  }

  record Case(Mode mode, Precision products, End end, boolean inputIsTrained) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Mode mode : Mode.values()) {
      for (Precision products : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
        if (mode.differentiable() || products == Precision.FLOAT32) {
          for (End end : End.values()) {
            cases.add(new Case(mode, products, end, true));
            cases.add(new Case(mode, products, end, false));
          }
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resultsAndGradientsAreThoseOfThePlainWeight(Case test) {
    List<float[]> plain = values(test, false);
    List<float[]> frozen = values(test, true);
    assertEquals(plain.size(), frozen.size());
    // Rounded products differ where sums before the last rounding do.
    float tolerance = test.products == Precision.BFLOAT16 ? 3e-2f : TestBackends.tolerance(1e-5f);
    for (int i = 0; i < plain.size(); i++) {
      assertArrayEquals(plain.get(i), frozen.get(i), tolerance, test + ", " + i);
    }
  }

  /** The result and, of a mode that differentiates, the gradients. */
  private List<float[]> values(Case test, boolean freezes) {
    Random random = new Random(42);
    try (Scope owner = torch.newOwner();
        Scope _ = torch.openScope(test.mode, test.products)) {
      Tensor x = draw(random, ROWS, IN);
      if (test.inputIsTrained) {
        x = torch.parameter(x);
      }
      Tensor other = torch.parameter(draw(random, ROWS, OUT));
      Tensor bias = torch.parameter(draw(random, OUT));
      Tensor weight;
      // The weight goes; what was made of it stays.
      try (Scope _ = torch.openScope(Mode.INFERENCE)) {
        Tensor original = draw(random, OUT, IN);
        weight = owner.adopt(freezes ? torch.freeze(original) : torch.affine(original, 1, 0));
      }
      Tensor result = torch.linear(x, weight, Optional.of(bias), epilogue(test.end, other));
      List<float[]> values = new ArrayList<>(List.of(result.toFloats()));
      if (test.mode.differentiable()) {
        torch.backward(result, draw(random, ROWS, OUT));
        values.add(torch.gradient(bias).orElseThrow().toFloats());
        for (Tensor each : List.of(x, other)) {
          torch.gradient(each).ifPresent(gradient -> values.add(gradient.toFloats()));
        }
        int reached = 2 + (test.inputIsTrained ? 1 : 0) + (test.end.compareTo(End.SUM) < 0 ? 0 : 1);
        assertEquals(reached, values.size());
      }
      return values;
    }
  }

  private static Epilogue epilogue(End end, Tensor other) {
    return switch (end) {
      case NOTHING -> Epilogue.NONE;
      case GELU -> new Epilogue.Function(Unary.GELU);
      case SUM -> new Epilogue.Combination(Binary.ADD, other);
      case PRODUCT -> new Epilogue.Combination(Binary.MULTIPLY, other);
    };
  }

  @Test
  void gradientsPassManyProductsWithOneWeight() {
    Random random = new Random(3);
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor weight = draw(random, 5, 5);
      Tensor frozen = torch.freeze(weight);
      Tensor x = torch.parameter(torch.full(1, Shape.of(2, 3, 5)));
      Tensor plain = torch.parameter(torch.full(1, Shape.of(2, 3, 5)));
      Tensor ends = torch.linear(torch.linear(torch.linear(x, frozen), frozen), frozen);
      Tensor same = torch.linear(torch.linear(torch.linear(plain, weight), weight), weight);
      assertArrayEquals(same.toFloats(), ends.toFloats(), TestBackends.tolerance(1e-5f));
      torch.backward(ends, torch.full(1, ends.shape()));
      torch.backward(same, torch.full(1, ends.shape()));
      assertArrayEquals(
          torch.gradient(plain).orElseThrow().toFloats(),
          torch.gradient(x).orElseThrow().toFloats(),
          TestBackends.tolerance(1e-5f));
    }
  }

  @Test
  void nothingIsHeldOnceTensorsAreReleased() {
    long before = TorchBackend.liveHandles();
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor x = torch.parameter(torch.full(1, Shape.of(1, 4)));
      Tensor y = torch.linear(x, torch.freeze(torch.full(2, Shape.of(3, 4))));
      torch.backward(y, torch.full(1, y.shape()));
    }
    assertEquals(before, TorchBackend.liveHandles());
  }

  @Test
  void aGradientNeedsTheShapeOfTheOutputAndAParameter() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor x = torch.parameter(torch.full(1, Shape.of(1, 4)));
      Tensor y = torch.affine(x, 3, 0);
      Tensor narrow = torch.full(1, Shape.of(4));
      assertThrows(IllegalArgumentException.class, () -> torch.backward(y, narrow));
      TorchException e = assertThrows(TorchException.class, () -> torch.backward(narrow, narrow));
      assertTrue(e.getMessage().contains("no parameter"), e.getMessage());
      torch.backward(y, torch.tensor(new float[] {1, 0, -1, 2}, Shape.of(1, 4)));
      assertArrayEquals(new float[] {3, 0, -3, 6}, torch.gradient(x).orElseThrow().toFloats());
    }
  }

  private Tensor draw(Random random, long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 4;
    }
    return torch.tensor(values, shape);
  }
}
