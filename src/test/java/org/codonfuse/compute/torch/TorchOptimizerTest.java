package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag(TestBackends.TAG)
class TorchOptimizerTest extends TorchTest {
  private static final AdamOptions OPTIONS = new AdamOptions(0.1, 0.8, 0.9, 1e-8, 0.05);
  private static final double[] GRADIENT = {0.5, -2};

  @Test
  void stepsAreThoseOfTheEquations() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor parameter = torch.parameter(floats(1, -3));
      try (Optimizer adam = torch.adam(List.of(parameter), OPTIONS)) {
        assertEquals(0, adam.steps());
        double[] values = {1, -3};
        double[] first = new double[2];
        double[] second = new double[2];
        for (int step = 1; step <= 3; step++) {
          differentiate(adam, parameter);
          adam.step(OPTIONS.learningRate());
          for (int i = 0; i < 2; i++) {
            double g = GRADIENT[i] + OPTIONS.weightDecay() * values[i];
            first[i] = OPTIONS.beta1() * first[i] + (1 - OPTIONS.beta1()) * g;
            second[i] = OPTIONS.beta2() * second[i] + (1 - OPTIONS.beta2()) * g * g;
            double unbiased = first[i] / (1 - Math.pow(OPTIONS.beta1(), step));
            double scale = Math.sqrt(second[i] / (1 - Math.pow(OPTIONS.beta2(), step)));
            values[i] -= OPTIONS.learningRate() * unbiased / (scale + OPTIONS.epsilon());
          }
          assertClose(values, parameter);
        }
        assertEquals(3, adam.steps());
        Optimizer.Moments moments = adam.moments(0);
        assertEquals(3, moments.steps());
        assertClose(first, moments.first());
        assertClose(second, moments.second());
      }
    }
  }

  @Test
  void parametersHaveFactorsOfTheLearningRate() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      List<Tensor> parameters = List.of(torch.parameter(floats(1)), torch.parameter(floats(1)));
      AdamOptions options = AdamOptions.of(0.1, 0);
      try (Optimizer adam = torch.adam(parameters, new double[] {0.25, 3}, options)) {
        parameters.forEach(parameter -> torch.backward(parameter, floats(-5)));
        adam.step(0.1);
        assertEquals(1.025f, parameters.get(0).toFloats()[0], 1e-6);
        assertEquals(1.3f, parameters.get(1).toFloats()[0], 1e-6);
      }
      for (double[] wrong :
          List.of(new double[] {1}, new double[] {1, -1}, new double[] {1, Double.NaN})) {
        assertThrows(IllegalArgumentException.class, () -> torch.adam(parameters, wrong, options));
      }
    }
  }

  @Test
  void aRestoredOptimiserContinuesExactly() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor parameter = torch.parameter(floats(1, -3));
      try (Optimizer adam = torch.adam(List.of(parameter), OPTIONS);
          Optimizer other = torch.adam(List.of(parameter), OPTIONS)) {
        differentiate(adam, parameter);
        adam.step(0.1);
        adam.step(0.1);
        Tensor saved = torch.parameter(parameter);
        other.restore(adam.steps(), List.of(adam.moments(0)));
        adam.step(0.1);
        float[] expected = parameter.toFloats();
        torch.assign(parameter, saved);
        other.step(0.1);
        assertArrayEquals(expected, parameter.toFloats());
        assertEquals(3, other.steps());
      }
    }
  }

  @Test
  void aRestoredParameterContinuesItsOwnSteps() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor always = torch.parameter(floats(1, -3));
      Tensor once = torch.parameter(floats(1, -3));
      List<Tensor> parameters = List.of(always, once);
      try (Optimizer adam = torch.adam(parameters, OPTIONS);
          Optimizer other = torch.adam(parameters, OPTIONS)) {
        differentiate(adam, once);
        adam.step(0.1);
        differentiate(adam, always);
        adam.step(0.1);
        adam.step(0.1);
        assertEquals(List.of(2L, 1L), List.of(adam.moments(0).steps(), adam.moments(1).steps()));
        other.restore(adam.steps(), List.of(adam.moments(0), adam.moments(1)));
        Tensor saved = torch.parameter(once);
        differentiate(adam, once);
        adam.step(0.1);
        float[] expected = once.toFloats();
        torch.assign(once, saved);
        other.step(0.1);
        assertArrayEquals(expected, once.toFloats());
        assertEquals(4, other.steps());
      }
    }
  }

  @Test
  void gradientsAreClippedTogether() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor a = torch.parameter(floats(1, -3));
      Tensor b = torch.parameter(floats(2, 2));
      Tensor unused = torch.parameter(floats(4));
      try (Optimizer adam = torch.adam(List.of(a, b, unused), OPTIONS)) {
        differentiate(adam, a);
        Tensor weights = floats(3, 4);
        torch.backward(torch.sum(torch.binary(Binary.MULTIPLY, b, weights), 0));
        double norm = Math.sqrt(0.25 + 4 + 9 + 16);
        assertEquals(norm, clipped(adam, Double.POSITIVE_INFINITY), 1e-6);
        assertClose(GRADIENT, torch.gradient(a).orElseThrow());
        assertEquals(norm, clipped(adam, 2), 1e-6);
        assertClose(new double[] {0.5 * 2 / norm, -4 / norm}, torch.gradient(a).orElseThrow());
        assertClose(new double[] {6 / norm, 8 / norm}, torch.gradient(b).orElseThrow());
        assertEquals(2, clipped(adam, 5), 1e-5);
        assertThrows(IllegalArgumentException.class, () -> adam.clipGradients(0));
        adam.zeroGradients();
        assertEquals(0, clipped(adam, 1));
        Tensor broken = floats(Float.NaN, 1);
        torch.backward(torch.sum(torch.binary(Binary.MULTIPLY, b, broken), 0));
        assertTrue(Double.isNaN(clipped(adam, 1)));
      }
    }
  }

  private static double clipped(Optimizer adam, double norm) {
    try (HostRead before = adam.clipGradients(norm)) {
      return before.await()[0];
    }
  }

  @Test
  void parametersWithoutAGradientStay() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor used = torch.parameter(floats(1, -3));
      Tensor unused = torch.parameter(floats(4));
      try (Optimizer adam = torch.adam(List.of(used, unused), OPTIONS)) {
        differentiate(adam, used);
        adam.step(0.1);
        assertArrayEquals(new float[] {4}, unused.toFloats());
        assertTrue(torch.gradient(unused).isEmpty());
        assertTrue(torch.gradient(used).isPresent());
        adam.zeroGradients();
        float[] before = used.toFloats();
        adam.step(0.1);
        assertArrayEquals(before, used.toFloats());
      }
    }
  }

  @Test
  void wrongMomentsAreRefused() {
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor parameter = torch.parameter(floats(1, -3));
      try (Optimizer adam = torch.adam(List.of(parameter), OPTIONS)) {
        Optimizer.Moments wrong = new Optimizer.Moments(1, floats(1), floats(1));
        IllegalArgumentException e =
            assertThrows(IllegalArgumentException.class, () -> adam.restore(1, List.of(wrong)));
        assertTrue(
            e.getMessage().contains("[1]") && e.getMessage().contains("[2]"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> adam.restore(1, List.of()));
        assertThrows(IndexOutOfBoundsException.class, () -> adam.moments(1));
      }
    }
  }

  @Test
  void outlivesItsParametersAndClosesOnce() {
    long before = TorchBackend.liveHandles();
    Optimizer adam;
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      adam = torch.adam(List.of(torch.parameter(floats(1))), OPTIONS);
    }
    adam.step(0.1);
    adam.close();
    adam.close();
    assertEquals(before, TorchBackend.liveHandles());
    assertThrows(IllegalStateException.class, () -> adam.step(0.1));
    assertThrows(IllegalStateException.class, adam::steps);
  }

  private void differentiate(Optimizer adam, Tensor parameter) {
    adam.zeroGradients();
    Tensor weights = floats((float) GRADIENT[0], (float) GRADIENT[1]);
    torch.backward(torch.sum(torch.binary(Binary.MULTIPLY, parameter, weights), 0));
  }

  private static void assertClose(double[] expected, Tensor actual) {
    float[] values = actual.toFloats();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], values[i], 1e-6 * (1 + Math.abs(expected[i])), "element " + i);
    }
  }
}
