package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelfProcessTest {
  /** Lines end with a bar. */
  @ParameterizedTest
  @CsvSource({
    "WARNING: Using incubator modules: jdk.incubator.vector|Backend torch|, Backend torch|",
    "WARNING: Using incubator modules: jdk.incubator.vector|, ''",
    "WARNING: Using incubator modules, ''",
    "WARNING: Using much|more|, WARNING: Using much|more|",
    "WARN, WARN",
    "Backend é|, Backend é|",
    "'', ''"
  })
  void standardErrorIsCopiedWithoutTheWarning(String said, String copied) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SelfProcess.copyErrors(
        new ByteArrayInputStream(said.replace('|', '\n').getBytes(StandardCharsets.UTF_8)), out);
    assertEquals(copied, out.toString(StandardCharsets.UTF_8).replace('\n', '|'));
  }
}
