package org.codonfuse.baseline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RidgeTest {
  /** The third is constant and the fourth the sum of the first two. */
  private static double[][] features(SplittableRandom random, int rows) {
    double[][] features = new double[rows][];
    for (int i = 0; i < rows; i++) {
      double a = random.nextGaussian();
      double b = 5 + 3 * random.nextGaussian();
      features[i] = new double[] {a, b, 0.1, a + b};
    }
    return features;
  }

  @Test
  void aTinyPenaltyFindsTheLinearFunction() {
    double[][] features = features(new SplittableRandom(1), 50);
    double[][] targets = new double[50][];
    for (int i = 0; i < 50; i++) {
      targets[i] = new double[] {2 * features[i][0] - features[i][1] + 7, features[i][3]};
    }

    LinearModel model = new Ridge(features, targets).fit(1e-9);

    double[][] unseen = features(new SplittableRandom(2), 10);
    double[][] predicted = model.predict(unseen);
    for (int i = 0; i < 10; i++) {
      assertArrayEquals(
          new double[] {2 * unseen[i][0] - unseen[i][1] + 7, unseen[i][3]}, predicted[i], 1e-6);
    }
    assertEquals(0, model.weights()[0][2]);
  }

  /** With penalty 1 and one standardised feature half of the weight is left. */
  @Test
  void thePenaltyIsPerRowAndForStandardisedFeatures() {
    double[][] features = {{1}, {3}, {5}, {7}};
    double[][] targets = {{10}, {12}, {14}, {16}};

    LinearModel model = new Ridge(features, targets).fit(1);

    assertEquals(0.5, model.weights()[0][0], 1e-12);
    assertEquals(13 - 0.5 * 4, model.bias()[0], 1e-12);
  }

  @Test
  void everyTargetIsFittedToTheRowsThatHaveIt() {
    double[][] features = {{1}, {3}, {5}, {7}, {100}};
    double[][] targets = {{1, Double.NaN}, {3, 10}, {5, 12}, {7, 14}, {Double.NaN, Double.NaN}};

    LinearModel model = new Ridge(features, targets).fit(1e-9);

    assertArrayEquals(new double[] {9, 16}, model.predict(new double[][] {{9}})[0], 1e-6);
  }

  @Test
  void aLargePenaltyLeavesTheMean() {
    double[][] features = features(new SplittableRandom(3), 20);
    double[][] targets = new double[20][];
    for (int i = 0; i < 20; i++) {
      targets[i] = new double[] {i};
    }

    double[][] predicted = new Ridge(features, targets).fit(1e12).predict(features);

    for (double[] row : predicted) {
      assertTrue(Math.abs(row[0] - 9.5) < 1e-6);
    }
  }
}
