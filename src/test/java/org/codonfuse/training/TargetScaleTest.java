package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetScaleTest {
  @Test
  void standardisesByMeanAndSampleDeviation() {
    TargetScale scale = TargetScale.fit(new double[] {1, 2, 3, 6});

    assertEquals(3, scale.mean());
    assertEquals(Math.sqrt(14.0 / 3), scale.deviation(), 1e-15);
    assertEquals(3 / Math.sqrt(14.0 / 3), scale.standardise(6), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e6, -0.1, 0, 3.25, 1e6})
  void restoresWhatItStandardised(double target) {
    TargetScale scale = TargetScale.fit(new double[] {1, 2, 3, 6});

    assertEquals(target, scale.restore(scale.standardise(target)), 1e-9);
    assertEquals(target, TargetScale.IDENTITY.restore(TargetScale.IDENTITY.standardise(target)));
  }

  @Test
  void refusesWhatHasNoDeviation() {
    for (double[] targets : new double[][] {{2, 2, 2}, {5e-324, 0}, {1e308, -1e308}}) {
      assertThrows(IllegalArgumentException.class, () -> TargetScale.fit(targets));
    }
  }
}
