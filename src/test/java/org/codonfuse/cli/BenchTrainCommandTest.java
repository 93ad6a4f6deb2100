package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codonfuse.TestBackends;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTrainCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void everyFusionIsMeasuredAtEveryLength() throws JsonProcessingException {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
    List<String> fusions =
        List.of("concat", "mil", "cross-attention", "concat-unaligned", "protein");

    assertEquals(
        0, run("--fusion=" + String.join(",", fusions), "--codons=2,5", "--json"), this::said);

    JsonNode measured = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    assertTrue(measured.get("backend").textValue().startsWith("torch: "));
    JsonNode results = measured.get("results");
    assertEquals(2 * 2 * fusions.size(), results.size());
    for (int i = 0; i < results.size(); i++) {
      JsonNode result = results.get(i);
      assertEquals(fusions.get(i / 4), result.get("fusion").textValue());
      assertEquals(i / 2 % 2 == 0 ? 2 : 5, result.get("codons").intValue());
      assertEquals(i % 2 == 0 ? "float32" : "bfloat16", result.get("precision").textValue());
      assertEquals(3, result.get("channels").intValue());
      assertTrue(result.get("steps").intValue() > 0);
      assertEquals(
          2,
          result.get("seconds").doubleValue() * result.get("sequences_per_second").doubleValue(),
          1e-6);
    }
    // A projection of 320 to 640, kernels of 3, 4 and 5 rows, the last layer.
    assertEquals(
        321 * 640 + (3 + 4 + 5) * 640 * 3 + 3 * 3 + (3 * 3 + 1),
        results.get(results.size() - 1).get("parameters").longValue());
  }

  @Test
  void theTableHasALineForEveryModel() {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
    assertEquals(0, run("--fusion=rna,dna", "--precision=float32"), this::said);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.getFirst().startsWith("torch: "), lines.getFirst());
    assertEquals(
        List.of("fusion", "rna", "dna"),
        lines.stream().skip(1).map(line -> line.split(" ")[0]).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --fusion=mill | 2 | Unknown fusion 'mill'; use one of concat, mil,
          --precision=float16 | 2 | --precision float16 would lose small gradients; give bfloat16 or float32;
          --precision=float8 | 2 | 'float8' is no precision
          --codons=0 | 2 | --codons 0
          --batch=0 | 2 | --batch 0
          --channels=0 | 2 | --channels 0
          --seconds=0 | 2 | --seconds 0.0 is out of range
          --backend=scalar | 1 | Training needs a backend with gradients for --backend scalar
          """)
  void wrongOptionsAreOneSentence(String options, int code, String message) {
    assertEquals(code, run(options.split(" ")), this::said);
    String said = said();
    assertTrue(said.contains(message), said);
    assertEquals(1, said.lines().filter(line -> !line.isBlank()).count(), said);
    assertEquals(0, out.size());
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Measures as little as possible; options of the same name replace these. */
  private int run(String... options) {
    Map<String, String> all =
        new TreeMap<>(
            Map.of(
                "--seconds", "0.01",
                "--codons", "3",
                "--batch", "2",
                "--channels", "3",
                "--threads", "2",
                "--quiet", "true"));
    for (String option : options) {
      String[] parts = option.split("=", 2);
      all.put(parts[0], parts.length == 1 ? "true" : parts[1]);
    }
    List<String> arguments = new ArrayList<>(List.of("bench", "train"));
    all.forEach((name, value) -> arguments.add(name + "=" + value));
    return Main.execute(printer(out), printer(err), arguments.toArray(String[]::new));
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
