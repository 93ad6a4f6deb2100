package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.codonfuse.UsageException;
import org.codonfuse.cli.ModelReference.Local;
import org.codonfuse.cli.ModelReference.Published;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.weights.hub.HubModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelReferenceTest {
  @ParameterizedTest
  @ValueSource(strings = {"src", "./esm2-8m", "/none", "../a/b", "a/b/c", "none/", "src/none", "."})
  void whatIsOrLooksLikeAPathIsOne(String argument) {
    assertEquals(new Local(Path.of(argument)), ModelReference.parse(argument));
  }

  @Test
  void aPresetIsItsRepositoryAtItsRevision() {
    Published published = assertInstanceOf(Published.class, ModelReference.parse("esm2-8m"));
    EncoderPreset preset = EncoderPreset.find("esm2-8m").orElseThrow();
    assertEquals(preset.hub(), published.model());
    assertEquals(preset.known(), published.known());
  }

  @Test
  void anotherRevisionOfAPresetMayHaveOtherFiles() {
    Published published = assertInstanceOf(Published.class, ModelReference.parse("esm2-8m@main"));
    assertEquals(new HubModel("facebook/esm2_t6_8M_UR50D", "main"), published.model());
    assertEquals(Map.of(), published.known());
  }

  @Test
  void anIdIsThatRepository() {
    Published published = assertInstanceOf(Published.class, ModelReference.parse("some/model@v1"));
    assertEquals(new HubModel("some/model", "v1"), published.model());
    assertTrue(published.preset().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"esm2", "a b", "esm2-8m@", "esm2-8m@../x", "\0"})
  void anythingElseIsRefusedWithTheNamesOfThePresets(String argument) {
    String message =
        assertThrows(UsageException.class, () -> ModelReference.parse(argument)).getMessage();
    assertTrue(message.contains("nor a directory here; the presets are esm2-8m"), message);
  }
}
