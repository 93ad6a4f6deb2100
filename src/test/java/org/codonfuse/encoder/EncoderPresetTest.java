package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.weights.hub.KnownFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderPresetTest {
  @Test
  void everyPresetHasItsOwnNameAndRepository() {
    Set<String> names = new HashSet<>();
    Set<String> repositories = new HashSet<>();
    for (EncoderPreset preset : EncoderPreset.ALL) {
      assertTrue(names.add(preset.name()), preset.name());
      assertTrue(repositories.add(preset.hub().repository()), preset.name());
      assertEquals(preset, EncoderPreset.find(preset.name()).orElseThrow());
      assertEquals(0, preset.hiddenSize() % preset.heads(), preset.name());
      for (Map.Entry<String, KnownFile> known : preset.known().entrySet()) {
        assertTrue(known.getValue().sha256().matches("[0-9a-f]{64}"), known.toString());
      }
    }
  }

  /** What the papers and model cards call the sizes, in millions, as far as they do. */
  @ParameterizedTest
  @CsvSource({
    "esm2-8m, 8",
    "esm2-35m, 35",
    "esm2-150m, 150",
    "esm2-650m, 650",
    "esm2-3b, 3000",
    "esm2-15b, 15000",
    "nucleotide-transformer-v2-50m, 50",
    "nucleotide-transformer-v2-100m, 100",
    "nucleotide-transformer-v2-250m, 250",
    "nucleotide-transformer-v2-500m, 500",
    "rna-fm, 99",
  })
  void theShapesAreOfThePublishedSizes(String name, double millions) {
    double actual = EncoderPreset.find(name).orElseThrow().parameters() / 1e6;
    assertEquals(millions, actual, 0.15 * millions, name);
  }

  @Test
  void theSmallestPresetHasTheShapeOfThePublishedConfiguration() {
    EncoderConfig config = EncoderPreset.find("esm2-8m").orElseThrow().config();
    assertEquals(
        List.of(6, 320, 20, 1280, 33),
        List.of(
            config.layers(),
            config.hiddenSize(),
            config.heads(),
            config.intermediateSize(),
            config.vocabularySize()));
  }
}
