package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassWeightsTest {
  private static final List<String> CLASSES = List.of("high", "low", "mid");
  private static final int[] COUNTS = {1, 2, 5};

  @Test
  void balancedIsInverseToFrequency() {
    assertEquals(
        List.of(8 / 3.0, 8 / 6.0, 8 / 15.0), ClassWeights.parse("Balanced").of(CLASSES, COUNTS));
    assertEquals(List.of(), ClassWeights.parse("none").of(CLASSES, COUNTS));
  }

  @Test
  void classesWithoutAWeightCountOne() {
    assertEquals(List.of(2.0, 0.5, 1.0), ClassWeights.parse("low=.5, high=2").of(CLASSES, COUNTS));
    // A class may have the sign in its name.
    assertEquals(List.of(3.0, 1.0), ClassWeights.parse("a=b=3").of(List.of("a=b", "c"), COUNTS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "even        | is not understood; use none, balanced or weights like A=2,B=1.",
        "low=        | is not understood",
        "low=2,      | is not understood",
        "=2          | is not understood",
        "low=0       | the weight 0 of class 'low' must be a number above 0.",
        "low=-1      | the weight -1 of class 'low'",
        "low=1e999   | the weight 1e999 of class 'low'",
        "low=1,low=2 | names class 'low' twice",
        "lo=1        | names class 'lo', which the data do not have; its classes are high, low,"
            + " mid."
      })
  void badWeightsAreNamed(String text, String message) {
    var e = assertThrows(UsageException.class, () -> ClassWeights.parse(text).of(CLASSES, COUNTS));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void numbersHaveNoClasses() {
    ClassWeights weights = ClassWeights.parse("balanced");
    var e = assertThrows(UsageException.class, () -> weights.of(List.of(), new int[0]));
    assertTrue(e.getMessage().contains("the targets are numbers"), e::getMessage);
  }
}
