package org.codonfuse.design;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;

class MotifTest {
  private static Motif motif(String text) {
    return Motif.parse("--avoid-motif", text);
  }

  @Test
  void letterOfDnaAndRnaInEitherCaseAreTheSame() {
    assertEquals("GGUCUC", motif("ggtCuc").pattern());
    assertEquals(List.of(2), motif("GGTCTC").find("AAGGUCUCAA"));
  }

  @Test
  void ambiguousLettersOfThePatternFitWhatTheyStandFor() {
    assertEquals(List.of(0, 3), motif("CNG").find("CUGCAG"));
    assertEquals(List.of(0), motif("RYSW").find("GCCA"));
    // A letter of the sequence that may be something else does not fit.
    assertEquals(List.of(), motif("CG").find("CNG"));
    assertEquals(List.of(0), motif("CNG").find("CNG"));
    assertEquals(List.of(0), motif("CRG").find("CRG"));
  }

  @Test
  void whatIsOnTheOtherStrandIsReadBackwards() {
    assertEquals("GAGACC", motif("GGTCTC").reverseComplement().pattern());
    assertEquals("NDHVBKMWSRYAUGC", motif("GCATRYSWKMVBDHN").reverseComplement().pattern());
    assertEquals(1, motif("GAATTC").bothStrands().size());
    assertEquals(2, motif("GGTCTC").bothStrands().size());
  }

  @Test
  void whatIsNoPatternIsRefused() {
    for (String text : List.of("", "A", "GGXCC", "NNN", "A".repeat(65))) {
      String message = assertThrows(UsageException.class, () -> motif(text)).getMessage();
      assertTrue(message.startsWith("--avoid-motif " + text + ": "), message);
    }
  }

  @Test
  void enzymesAreFoundByNameInEitherCase() {
    assertEquals(new Motif("BsaI", "GGUCUC"), RestrictionSites.of("--avoid-site", "bsai"));
    assertEquals("GGCCNNNNNGGCC", RestrictionSites.of("--avoid-site", "SfiI").pattern());
    assertTrue(RestrictionSites.enzymes().size() > 100);
    String near =
        assertThrows(UsageException.class, () -> RestrictionSites.of("--avoid-site", "BsaX"))
            .getMessage();
    assertTrue(near.contains("(it has BsaI)"), near);
    String spelled =
        assertThrows(UsageException.class, () -> RestrictionSites.of("--avoid-site", "EkoRI"))
            .getMessage();
    assertTrue(spelled.contains("did you mean EcoRI?"), spelled);
    for (String enzyme : RestrictionSites.enzymes()) {
      motif(RestrictionSites.of("", enzyme).pattern());
    }
  }
}
