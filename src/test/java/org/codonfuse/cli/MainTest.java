package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void helpListsEveryCommandAndEveryCommandHasHelp() {
    assertEquals(0, run("--help"));
    String help = output();
    for (String command :
        new String[] {
          "train", "evaluate", "predict", "align", "pool", "store", "metrics", "models", "doctor"
        }) {
      assertTrue(help.contains("  " + command + " "), command);
      out.reset();
      assertEquals(0, run(command, "--help"), command);
      assertTrue(output().startsWith("Usage: codonfuse " + command), output());
    }
  }

  @Test
  void versionIsTheOneOfTheBuild() {
    assertEquals(0, run("--version"));
    assertTrue(output().matches("codonfuse \\d+\\.\\d+\\.\\d+\\S* \\(Java .+\\)\\s*"), output());
  }

  @Test
  void doctorDescribesEveryBackendAsOneJsonObject() throws JsonProcessingException {
    assertEquals(0, run("doctor", "--json"));

    JsonNode results =
        new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readTree(output());
    assertEquals(Runtime.version().toString(), results.at("/java/version").textValue());
    assertTrue(results.at("/cpu/processors").intValue() > 0);
    assertTrue(results.at("/memory/physicalBytes").longValue() > 0);
    assertTrue(results.at("/chosen/possible").booleanValue());
    List<String> names = results.at("/backends").findValuesAsText("name");
    assertTrue(names.containsAll(List.of("torch", "scalar")), names.toString());
    for (JsonNode backend : results.at("/backends")) {
      for (JsonNode device : backend.get("devices")) {
        assertTrue(
            device.get("available").booleanValue()
                ? !device.get("description").textValue().isBlank()
                : !device.get("remedy").textValue().isBlank(),
            device.toString());
      }
    }
  }

  @Test
  void doctorOffersARemedyForEverythingUnavailable() {
    assertEquals(0, run("doctor"));
    long unavailable = output().lines().filter(line -> line.contains(": unavailable, ")).count();
    long remedies = output().lines().filter(line -> line.startsWith("    remedy: ")).count();
    assertTrue(unavailable > 0, "the scalar backend has no CUDA");
    assertEquals(unavailable, remedies);
  }

  private int run(String... arguments) {
    return Main.execute(printer(out), printer(err), arguments);
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
