package org.codonfuse.design;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PredictionTest {
  @Test
  void modelsThatDifferInLevelMayAgreeAboutAGain() {
    Prediction before = new Prediction(2, List.of(1.0, 3.0));
    Prediction after = new Prediction(3, List.of(2.0, 4.0));
    assertEquals(Math.sqrt(2), after.spread(), 1e-12);
    assertEquals(0, after.spreadOfGain(before), 1e-12);
    Prediction doubtful = new Prediction(3, List.of(1.0, 5.0));
    assertEquals(Math.sqrt(2), doubtful.spreadOfGain(before), 1e-12);
  }

  @Test
  void oneModelHasNoSpread() {
    Prediction one = new Prediction(1, List.of(1.0));
    assertEquals(Double.NaN, one.spread());
    assertEquals(Double.NaN, one.spreadOfGain(one));
  }
}
