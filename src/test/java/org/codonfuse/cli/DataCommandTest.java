package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.codonfuse.datasets.FileServer;
import org.codonfuse.datasets.PublicDataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
  private static final Path REAL = Path.of("../shared/data/cov_vaccine_degradation.csv");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void everySetIsListed() throws IOException {
    assertEquals(0, run("data", "list"));
    for (PublicDataset dataset : PublicDataset.KNOWN) {
      assertTrue(
          text(out)
              .lines()
              .anyMatch(
                  l ->
                      l.startsWith(dataset.name() + " ")
                          && l.endsWith(
                              dataset.source().replaceFirst("^https://(doi\\.org/|www\\.)?", ""))),
          dataset.name());
    }
    out.reset();
    assertEquals(0, run("data", "list", "--json"));
    JsonNode sets = new ObjectMapper().readTree(text(out)).get("datasets");
    assertEquals(PublicDataset.KNOWN.size(), sets.size());
    assertEquals(1000, sets.get(1).get("maxLength").intValue());
  }

  @Test
  void whatCannotBeMeantIsAUsageError() {
    assertEquals(2, run("data", "download"));
    assertEquals(2, run("data", "download", "ab1"));
    assertTrue(text(err).contains("'ab1' is no public data set; there are cov-vac, "), text(err));
    assertEquals(2, run("data", "download", "mlos", "--endpoint", "here"));
  }

  @Test
  void theRealSetIsTheOneWhoseHashIsKnown() throws IOException {
    assumeTrue(Files.exists(REAL), () -> REAL + " is not here");
    try (FileServer server = new FileServer()) {
      server.put("ARTIFACT_LICENSE.md", FileServer.licence());
      server.put(
          "benchmarks/CodonBERT/data/fine-tune/CoV_Vaccine_Degradation.csv",
          Files.readString(REAL));
      String directory = folder.resolve("data").toString();
      assertEquals(
          0,
          run(
              "data",
              "download",
              "cov-vac",
              "--output",
              directory,
              "--endpoint",
              server.endpoint()));
      assertEquals(directory + "/cov-vac.csv", text(out).strip());
      assertEquals(-1, Files.mismatch(REAL, Path.of(directory, "cov-vac.csv")));
      assertTrue(text(err).contains("IP License Notice: "), text(err));
    }
  }

  private int run(String... arguments) {
    return Main.execute(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
