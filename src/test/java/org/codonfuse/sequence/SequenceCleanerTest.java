package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceCleanerTest {
  @Test
  void caseAndThymineAreNormalisedAndCounted() {
    assertEquals(
        new SequenceCleaner.Cleaned("AUGNRUUG", 4, 3, 2), SequenceCleaner.clean("aTgNRtTg", "f:1"));
  }

  @Test
  void cleaningTwiceChangesNothingMore() {
    String once = SequenceCleaner.clean("atgRyKmswBDHVnu", "f:1").rna();
    assertEquals(new SequenceCleaner.Cleaned(once, 0, 0, 11), SequenceCleaner.clean(once, "f:1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AUG-CC|'-' at position 4|remove the gaps",
        "AUG CC|U+0020 at position 4|without white space",
        "MKLV|'L' at position 3|not the protein",
        "AUGX|'X' at position 4|write N",
        "AU1|'1' at position 3|write N",
        "AUGé|'é' at position 4|write N",
        "AU|only 2 nt|remove the row"
      })
  void whatIsNoNucleotideIsNamedWithItsPlaceAndRemedy(String raw, String what, String remedy) {
    var e = assertThrows(CodonfuseException.class, () -> SequenceCleaner.clean(raw, "a.csv:7"));
    assertTrue(e.getMessage().startsWith("a.csv:7: "), e::getMessage);
    assertTrue(e.getMessage().contains(what), e::getMessage);
    assertTrue(e.getMessage().contains(remedy), e::getMessage);
  }

  @Test
  void anEmptySequenceIsRefused() {
    var e = assertThrows(CodonfuseException.class, () -> SequenceCleaner.clean("", "a.csv:7"));
    assertEquals("a.csv:7: the sequence is empty; fill it in or remove the row.", e.getMessage());
  }
}
