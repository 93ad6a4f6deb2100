package org.codonfuse.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;

class LoraSettingsTest {
  private static final List<String> QUERY = List.of("query", "output.dense");

  @Test
  void scaleIsAlphaOverTheRankOrItsRoot() {
    assertEquals(4, new LoraSettings(4, 16, 0, false, QUERY).scale());
    assertEquals(8, new LoraSettings(4, 16, 0, true, QUERY).scale());
  }

  @Test
  void targetsAreNamesOrWhatFollowsADot() {
    LoraSettings settings = new LoraSettings(4, 16, 0, false, QUERY);
    assertTrue(settings.adapts("query"));
    assertTrue(settings.adapts("encoder.layer.0.attention.self.query"));
    assertTrue(settings.adapts("encoder.layer.0.attention.output.dense"));
    assertFalse(settings.adapts("encoder.layer.0.attention.self.subquery"));
    assertFalse(settings.adapts("encoder.layer.0.intermediate.dense"));
  }

  @Test
  void impossibleValuesAreNamed() {
    assertRefused("The LoRA rank is 0 and", 0, 16, 0, QUERY);
    assertRefused("The LoRA alpha is 0.0 and", 4, 0, 0, QUERY);
    assertRefused("The LoRA alpha is NaN and", 4, Double.NaN, 0, QUERY);
    assertRefused("The LoRA dropout is 1.0 and", 4, 16, 1, QUERY);
    assertRefused("The LoRA targets name no module", 4, 16, 0, List.of());
    assertRefused("The LoRA targets name no module", 4, 16, 0, List.of("query", " "));
  }

  private static void assertRefused(
      String start, int rank, double alpha, double dropout, List<String> targets) {
    String message =
        assertThrows(
                UsageException.class, () -> new LoraSettings(rank, alpha, dropout, false, targets))
            .getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
