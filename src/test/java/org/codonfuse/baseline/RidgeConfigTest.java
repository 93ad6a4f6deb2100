package org.codonfuse.baseline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.run.TargetConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RidgeConfigTest {
  private static final RidgeConfig CONFIG =
      new RidgeConfig(
          "kmer",
          "1.0",
          Task.CLASSIFICATION,
          List.of("low", "high"),
          "data.csv",
          "00ff",
          List.of(new TargetConfig("Level", new TargetScale(1.5, 0.25))),
          0.1,
          List.of("AU", "GC"));

  @TempDir Path run;

  private void write(String json) throws IOException {
    Files.writeString(run.resolve("config.json"), json);
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    assertFalse(RidgeConfig.isIn(run));
    write(CONFIG.toJson());
    assertTrue(RidgeConfig.isIn(run));
    assertEquals(CONFIG, RidgeConfig.read(run));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"classification\" | \"both\" | no task 'both'",
        "\"penalty\" | \"price\" | No value present",
        "\"mean\" | \"middle\" | No value present",
      })
  void damageIsSaid(String from, String to, String reason) throws IOException {
    write(CONFIG.toJson().replace(from, to));
    String message =
        assertThrows(CodonfuseException.class, () -> RidgeConfig.read(run)).getMessage();
    assertTrue(message.startsWith(run.resolve("config.json") + ": is damaged ("), message);
    assertTrue(message.endsWith("; restore the file or repeat the baseline."), message);
    assertTrue(reason.startsWith("No") || message.contains(reason), message);
  }
}
