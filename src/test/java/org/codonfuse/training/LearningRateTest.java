package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.codonfuse.compute.Precision;
import org.codonfuse.training.ScheduleSettings.Kind;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  private static LearningRate rate(Kind kind, int warmup) {
    return new LearningRate(
        new TrainingSettings(
            5,
            8,
            0,
            false,
            0.8,
            new ScheduleSettings(kind, warmup, 0, 0.5),
            0,
            0,
            9,
            Precision.FLOAT32,
            1));
  }

  private static double[] epoch(LearningRate rate, int epoch) {
    double[] rates = new double[4];
    for (int step = 0; step < 4; step++) {
      rates[step] = rate.at(epoch, step, 4);
    }
    return rates;
  }

  @Test
  void itRisesFirst() {
    LearningRate rate = rate(Kind.CONSTANT, 2);
    assertArrayEquals(new double[] {0.1, 0.2, 0.3, 0.4}, epoch(rate, 1), 1e-12);
    assertArrayEquals(new double[] {0.5, 0.6, 0.7, 0.8}, epoch(rate, 2), 1e-12);
    assertArrayEquals(new double[] {0.8, 0.8, 0.8, 0.8}, epoch(rate, 3), 1e-12);
  }

  @Test
  void aCosineFallsToNothingAtTheEnd() {
    LearningRate rate = rate(Kind.COSINE, 1);
    assertEquals(0.8, rate.at(1, 3, 4), 1e-12);
    assertEquals(0.8, rate.at(2, 0, 4), 1e-12);
    assertEquals(0.4, rate.at(4, 0, 4), 1e-12);
    assertEquals(0.4 * (1 + Math.cos(Math.PI * 15 / 16)), rate.at(5, 3, 4), 1e-12);
  }

  @Test
  void aPlateauLowersItAfterTheWarmUp() {
    LearningRate rate = rate(Kind.PLATEAU, 0);
    rate.epochEnded(1);
    rate.epochEnded(1);
    assertArrayEquals(new double[] {0.4, 0.4, 0.4, 0.4}, epoch(rate, 3), 1e-12);
    LearningRate constant = rate(Kind.CONSTANT, 0);
    constant.epochEnded(1);
    constant.epochEnded(1);
    assertEquals(0.8, constant.at(3, 0, 4));
  }
}
