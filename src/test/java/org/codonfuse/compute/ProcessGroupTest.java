package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.TestGroups;
import org.codonfuse.compute.torch.RequiresTorch;
import org.junit.jupiter.api.Test;

@RequiresTorch
class ProcessGroupTest {
  /** Longer than the first bucket, together with another. */
  private static final int LONG = 200_000;

  @Test
  void addsUpTheSameInEveryProcess() throws Exception {
    List<double[]> sums =
        TestGroups.run(
            3,
            (_, group) -> {
              double[] values = {group.rank() + 0.1, 1, Double.NaN};
              group.sum(values);
              group.sum(new double[0]);
              return values;
            });

    assertEquals(3.3, sums.getFirst()[0], 1e-12);
    for (double[] each : sums) {
      assertArrayEquals(sums.getFirst(), each);
    }
  }

  @Test
  void saysWhatEachSaid() throws Exception {
    List<List<byte[]>> said =
        TestGroups.run(
            2,
            (_, group) -> {
              group.await();
              return group.exchange(("rank " + group.rank()).getBytes(StandardCharsets.UTF_8));
            });

    for (List<byte[]> each : said) {
      assertEquals("rank 1", new String(each.get(1), StandardCharsets.UTF_8));
    }
  }

  /** The gradient of a · Σ x is a everywhere: {@code factors} has a of every parameter or NaN. */
  private static List<Optional<float[]>> gradients(
      TrainableBackend backend,
      GradientReduction reduction,
      List<Tensor> parameters,
      double[][] passes,
      double[] sums) {
    for (int pass = 0; pass < passes.length; pass++) {
      if (pass == passes.length - 1) {
        reduction.arm();
      }
      try (Scope _ = backend.openScope(Mode.GRADIENT)) {
        Optional<Tensor> loss = Optional.empty();
        for (int i = 0; i < parameters.size(); i++) {
          if (!Double.isNaN(passes[pass][i])) {
            Tensor term = backend.affine(backend.sum(parameters.get(i), 0), passes[pass][i], 0);
            loss = Optional.of(loss.map(of -> backend.binary(Binary.ADD, of, term)).orElse(term));
          }
        }
        loss.ifPresent(backend::backward);
      }
    }
    reduction.finish(sums);
    List<Optional<float[]>> gradients = new ArrayList<>();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      for (Tensor parameter : parameters) {
        gradients.add(backend.gradient(parameter).map(Tensor::toFloats));
      }
    }
    return gradients;
  }

  private static final double NONE = Double.NaN;

  /** By step, rank, backward pass and parameter. */
  private static final double[][][][] STEPS = {
    // The first step knows nothing of the parameters.
    {{{1, 2, 3, NONE}}, {{10, 20, NONE, NONE}}},
    // The second sends while the backward pass goes on.
    {{{1, 2, 3, NONE}}, {{10, 20, NONE, NONE}}},
    // A process has nothing to do.
    {{{1, 2, 3, NONE}}, {}},
    {{{1, 2, 3, NONE}}, {{10, 20, 30, NONE}}},
    // Gradients of several backward passes: more than expected, and then as many.
    {{{1, 2, 3, NONE}, {4, 5, 6, NONE}}, {{10, 20, 30, NONE}, {40, NONE, 60, NONE}}},
    // Another stage, with other parameters.
    {{{1, NONE, NONE, 4}}, {{10, NONE, NONE, 40}}},
    {{{1, NONE, NONE, 4}}, {{10, NONE, NONE, 40}}},
  };

  private static double expected(double[][][] ranks, int parameter) {
    double sum = NONE;
    for (double[][] passes : ranks) {
      for (double[] pass : passes) {
        if (!Double.isNaN(pass[parameter])) {
          sum = (Double.isNaN(sum) ? 0 : sum) + pass[parameter];
        }
      }
    }
    return sum;
  }

  @Test
  void addsUpGradientsWhoeverHasThem() throws Exception {
    List<List<List<Optional<float[]>>>> all =
        TestGroups.run(
            2,
            (backend, group) -> {
              List<Tensor> parameters = new ArrayList<>();
              try (Scope _ = backend.openScope(Mode.INFERENCE)) {
                for (int length : new int[] {3, LONG, LONG, 5}) {
                  parameters.add(backend.parameter(backend.full(1, Shape.of(length))));
                }
                return steps(backend, group, parameters);
              }
            });

    for (List<List<Optional<float[]>>> ofRank : all) {
      for (int step = 0; step < STEPS.length; step++) {
        for (int i = 0; i < 4; i++) {
          double expected = expected(STEPS[step], i);
          Optional<float[]> gradient = ofRank.get(step).get(i);
          assertEquals(!Double.isNaN(expected), gradient.isPresent(), step + " " + i);
          if (gradient.isPresent()) {
            for (float value : gradient.get()) {
              assertEquals(expected, value, 1e-6, step + " " + i);
            }
          }
        }
      }
    }
  }

  private static List<List<Optional<float[]>>> steps(
      TrainableBackend backend, ProcessGroup group, List<Tensor> parameters) {
    List<List<Optional<float[]>>> found = new ArrayList<>();
    try (GradientReduction reduction = group.reduction(parameters);
        Optimizer optimizer = backend.adam(parameters, AdamOptions.of(1e-3, 0))) {
      for (double[][][] step : STEPS) {
        optimizer.zeroGradients();
        double[] sums = {group.rank(), 1};
        found.add(gradients(backend, reduction, parameters, step[group.rank()], sums));
        assertArrayEquals(new double[] {1, 2}, sums);
      }
    }
    // Without a reduction gradients are a process's own again.
    optimised(backend, parameters);
    return found;
  }

  private static void optimised(TrainableBackend backend, List<Tensor> parameters) {
    try (Optimizer optimizer = backend.adam(parameters, AdamOptions.of(1e-3, 0))) {
      optimizer.zeroGradients();
      GradientReduction nobody = ProcessGroup.alone().reduction(parameters);
      List<Optional<float[]>> own =
          gradients(
              backend, nobody, parameters, new double[][] {{7, NONE, NONE, NONE}}, new double[1]);
      assertEquals(7, own.getFirst().orElseThrow()[0]);
      assertTrue(own.get(1).isEmpty());
    }
  }

  @Test
  void aloneEverythingIsAsItWas() {
    ProcessGroup alone = ProcessGroup.alone();
    double[] values = {3};
    alone.sum(values);

    assertArrayEquals(new double[] {3}, values);
    assertEquals(1, alone.size());
    assertTrue(alone.leads());
    byte[] said = {1};
    assertSame(said, alone.exchange(said).getFirst());
  }
}
